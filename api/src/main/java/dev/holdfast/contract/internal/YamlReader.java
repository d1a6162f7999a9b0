package dev.holdfast.contract.internal;

import dev.holdfast.contract.ContractViolation;
import dev.holdfast.contract.ContractViolationException;
import dev.holdfast.contract.SourceLocation;
import dev.holdfast.contract.internal.SourceNode.Mapping;
import dev.holdfast.contract.internal.SourceNode.Scalar;
import dev.holdfast.contract.internal.SourceNode.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads one YAML document from the events of the parser, which come one by one. So a document that is nested too deeply, or that aliases
 * blow up, is refused before it takes memory, and there is no step that could make an object of a class that the document names. Scalars
 * are those of JSON: {@code yes}, {@code 007} and {@code ~} are text. Confined to one thread.
 */
public final class YamlReader {

  /** How deeply lists and mappings may be nested; contracts need three levels. */
  public static final int MAX_DEPTH = 20;

  /** How many lists, mappings and scalars a document may have, those counted again that an alias repeats. */
  public static final int MAX_NODES = 20_000;

  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]*)");
  private static final Pattern DECIMAL =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
  /** No field takes a longer one, and reading a very long one takes long. */
  private static final int MAX_NUMBER = 40;

  private static final int SHOWN = 60;

  private final String file;
  private final Iterator<Event> events;
  private final List<ContractViolation> violations;
  private final Map<String, Anchored> anchors = new HashMap<>();
  private Optional<Mark> place = Optional.empty();
  private int nodes;

  private YamlReader(String file, String text, List<ContractViolation> violations) {
    this.file = file;
    this.violations = violations;
    LoadSettings settings = LoadSettings.builder()
        .setLabel(file)
        .setUseMarks(true)
        .setCodePointLimit(Integer.MAX_VALUE)
        .build();
    this.events = new Parse(settings).parseString(text).iterator();
  }

  /**
   * The document of a text; null if it is empty.
   *
   * @param file how to call it
   * @param violations takes keys that occur twice; the first one counts
   * @throws ContractViolationException when it cannot be read to its end, or is more than the bounds allow
   */
  public static @Nullable SourceNode read(
      String file, String text, List<ContractViolation> violations) {
    YamlReader reader = new YamlReader(file, text, violations);
    try {
      return reader.document();
    } catch (MarkedYamlEngineException e) {
      throw reader.refused("", "is not YAML: " + e.getProblem(), e.getProblemMark());
    } catch (YamlEngineException e) {
      throw reader.refused("", "is not YAML: " + e.getMessage(), Optional.empty());
    } catch (NumberFormatException e) {
      // An escape of eight digits that no int holds; the parser does not catch it.
      throw reader.refused("", "is not YAML behind this: " + e.getMessage(), reader.place);
    }
  }

  private @Nullable SourceNode document() {
    next(); // the start of the stream
    if (next().getEventId() == Event.ID.StreamEnd) {
      return null;
    }
    SourceNode node = node(next(), "", 0).node;
    next(); // the end of the document
    Event end = next();
    if (end.getEventId() != Event.ID.StreamEnd) {
      throw refused("", "has more than one document", end.getStartMark());
    }
    return node;
  }

  private Event next() {
    Event event = events.next();
    place = event.getStartMark();
    return event;
  }

  private Anchored node(Event event, String path, int depth) {
    if (event instanceof AliasEvent alias) {
      return alias(alias, path, depth);
    }
    count(1, path, event);
    if (depth > MAX_DEPTH) {
      throw refused(
          path, "is nested more than " + MAX_DEPTH + " levels deep", event.getStartMark());
    }
    int before = nodes;
    SourceNode node;
    int height = 0;
    if (event instanceof ScalarEvent scalar) {
      requireNoTag(scalar.getTag(), path, event);
      node = scalar(scalar);
    } else if (event instanceof CollectionStartEvent start) {
      requireNoTag(start.getTag(), path, event);
      Children children = start instanceof MappingStartEvent
          ? mapping(start, path, depth)
          : sequence(start, path, depth);
      node = children.node;
      height = children.height + 1;
    } else {
      throw refused(path, "is not YAML", event.getStartMark());
    }
    Anchored anchored = new Anchored(node, nodes - before + 1, height);
    ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor.getValue(), anchored));
    return anchored;
  }

  /** What an alias repeats counts as if it stood there: that is what makes a bomb harmless. */
  private Anchored alias(AliasEvent alias, String path, int depth) {
    String name = alias.getAlias().getValue();
    Anchored anchored = anchors.get(name);
    if (anchored == null) {
      throw refused(path, "refers to *" + name + ", which is not complete", alias.getStartMark());
    }
    count(anchored.nodes, path, alias);
    if (depth + anchored.height > MAX_DEPTH) {
      throw refused(
          path, "is nested more than " + MAX_DEPTH + " levels deep", alias.getStartMark());
    }
    return anchored;
  }

  private void count(int more, String path, Event event) {
    nodes += more;
    if (nodes > MAX_NODES) {
      throw refused(
          path,
          "is the end of what is read: more than " + MAX_NODES + " values, aliases counted",
          event.getStartMark());
    }
  }

  private void requireNoTag(Optional<String> tag, String path, Event event) {
    if (tag.isPresent()) {
      throw refused(
          path,
          "has the tag " + shortened(tag.get()) + "; tags are not allowed",
          event.getStartMark());
    }
  }

  private Children sequence(CollectionStartEvent start, String path, int depth) {
    List<SourceNode> items = new ArrayList<>();
    int height = 0;
    for (Event event = next(); event.getEventId() != Event.ID.SequenceEnd; event = next()) {
      Anchored item = node(event, path + "[" + items.size() + "]", depth + 1);
      items.add(item.node);
      height = Math.max(height, item.height);
    }
    return new Children(new Sequence(location(start.getStartMark()), items), height);
  }

  private Children mapping(CollectionStartEvent start, String path, int depth) {
    Map<String, SourceNode> entries = new LinkedHashMap<>();
    int height = 0;
    for (Event event = next(); event.getEventId() != Event.ID.MappingEnd; event = next()) {
      String name = name(event, path);
      String below = path.isEmpty() ? name : path + "." + name;
      Anchored value = node(next(), below, depth + 1);
      height = Math.max(height, value.height);
      if (entries.putIfAbsent(name, value.node) != null) {
        violations.add(new ContractViolation(
            below, List.of(), "occurs twice", location(event.getStartMark())));
      }
    }
    return new Children(new Mapping(location(start.getStartMark()), entries), height);
  }

  private String name(Event event, String path) {
    count(1, path, event);
    if (event instanceof ScalarEvent scalar && scalar.getTag().isEmpty()) {
      scalar.getAnchor().ifPresent(anchor -> anchors.remove(anchor.getValue()));
      return shortened(scalar.getValue());
    }
    throw refused(path, "has a key that is not a plain name", event.getStartMark());
  }

  private Scalar scalar(ScalarEvent event) {
    return new Scalar(
        location(event.getStartMark()),
        event.isPlain() ? plain(event.getValue()) : event.getValue());
  }

  private static @Nullable Object plain(String text) {
    switch (text) {
      case "", "null" -> {
        return null;
      }
      case "true" -> {
        return true;
      }
      case "false" -> {
        return false;
      }
      default -> {
        return number(text);
      }
    }
  }

  /** A whole number that no {@code long} holds is left to be read as a decimal one, and found out of range. */
  private static Object number(String text) {
    if (text.length() > MAX_NUMBER) {
      return text;
    }
    if (INTEGER.matcher(text).matches()) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        return Double.parseDouble(text);
      }
    }
    return DECIMAL.matcher(text).matches() ? Double.parseDouble(text) : text;
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }

  private ContractViolationException refused(String path, String message, Optional<Mark> mark) {
    List<ContractViolation> all = new ArrayList<>(violations);
    SourceLocation location =
        mark.map(found -> at(found)).orElseGet(() -> new SourceLocation(file, 1, 1));
    all.add(new ContractViolation(path, List.of(), message, location));
    return new ContractViolationException(all);
  }

  private SourceLocation location(Optional<Mark> mark) {
    return mark.map(this::at).orElseGet(() -> new SourceLocation(file, 1, 1));
  }

  private SourceLocation at(Mark mark) {
    return new SourceLocation(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  private record Anchored(SourceNode node, int nodes, int height) {}

  private record Children(SourceNode node, int height) {}
}
