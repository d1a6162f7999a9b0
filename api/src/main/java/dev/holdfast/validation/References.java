package dev.holdfast.validation;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * What the schemas of a document refer to. A schema is any object in it, but for those that are data ({@code default}, {@code const}, {@code
 * enum}, {@code examples}) and those whose names are chosen by the author ({@code properties} and its like), where each value is a schema.
 *
 * <p>A reference is followed for the same value as the schema that it stands in, as are the parts of {@code allOf} and its like. So a way
 * that leads from a schema back to itself by these alone never ends, whatever the value. A way through {@code items} or {@code properties}
 * ends with the value, which is how a tree is described. Confined to one thread.
 */
final class References {

  private static final List<String> KEYWORDS = List.of("$ref", "$dynamicRef", "$recursiveRef");
  private static final List<String> ANCHORS = List.of("$anchor", "$dynamicAnchor");
  private static final Set<String> DATA = Set.of("default", "const", "enum", "examples");
  private static final Set<String> NAMED = Set.of(
      "properties",
      "patternProperties",
      "dependentSchemas",
      "dependencies",
      "$defs",
      "definitions");
  /** Those whose schemas look at the same value. */
  private static final Set<String> IN_PLACE = Set.of(
      "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies");

  /**
   * An object that is a schema.
   *
   * @param root the schema with an identifier of its own that it stands in, which {@code #} means
   */
  private record Site(JsonNode schema, JsonNode root) {}

  private final List<Site> sites = new ArrayList<>();

  private References(JsonNode document) {
    Deque<Site> left = new ArrayDeque<>(List.of(new Site(document, document)));
    while (!left.isEmpty()) {
      Site site = left.pop();
      if (site.schema().isArray()) {
        site.schema().forEach(item -> left.push(new Site(item, site.root())));
      } else if (site.schema().isObject()) {
        sites.add(site);
        parts(site).forEach(left::push);
      }
    }
  }

  /** Refuses references to other documents, and those that never end. */
  static void check(JsonNode document) {
    References references = new References(document);
    references.requireOwn();
    references.requireEnds();
  }

  private static List<Site> parts(Site site) {
    List<Site> parts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : site.schema().properties()) {
      if (DATA.contains(field.getKey())) {
        continue;
      }
      boolean named = NAMED.contains(field.getKey()) && field.getValue().isObject();
      Iterable<JsonNode> schemas = named ? field.getValue().values() : List.of(field.getValue());
      schemas.forEach(schema -> parts.add(new Site(schema, rootOf(schema, site.root()))));
    }
    return parts;
  }

  private static JsonNode rootOf(JsonNode schema, JsonNode around) {
    JsonNode id = schema.path("$id");
    return id.isString() && !id.stringValue().startsWith("#") ? schema : around;
  }

  /** Another document could be anything, anywhere, and change. */
  private void requireOwn() {
    for (Site site : sites) {
      for (String keyword : KEYWORDS) {
        JsonNode reference = site.schema().path(keyword);
        if (reference.isString() && !reference.stringValue().startsWith("#")) {
          throw new IllegalArgumentException(
              keyword + " leads to another document: " + reference.stringValue());
        }
      }
    }
  }

  /** Takes away what leads nowhere, again and again; what is left leads to itself. */
  private void requireEnds() {
    IdentityHashMap<JsonNode, List<JsonNode>> ways = new IdentityHashMap<>();
    IdentityHashMap<JsonNode, List<JsonNode>> back = new IdentityHashMap<>();
    IdentityHashMap<JsonNode, Integer> left = new IdentityHashMap<>();
    Deque<JsonNode> ended = new ArrayDeque<>();
    for (Site site : sites) {
      ways.put(site.schema(), next(site));
    }
    ways.forEach((schema, targets) -> {
      List<JsonNode> known = targets.stream().filter(ways::containsKey).toList();
      known.forEach(
          target -> back.computeIfAbsent(target, key -> new ArrayList<>()).add(schema));
      left.put(schema, known.size());
      if (known.isEmpty()) {
        ended.add(schema);
      }
    });
    while (!ended.isEmpty()) {
      JsonNode schema = ended.pop();
      left.remove(schema);
      for (JsonNode source : back.getOrDefault(schema, List.of())) {
        if (left.merge(source, -1, Integer::sum) == 0) {
          ended.add(source);
        }
      }
    }
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "references lead back to themselves and would never end: " + texts(left.keySet()));
    }
  }

  private static Set<String> texts(Set<JsonNode> schemas) {
    Set<String> texts = new TreeSet<>();
    for (JsonNode schema : schemas) {
      for (String keyword : KEYWORDS) {
        if (schema.path(keyword).isString()) {
          texts.add(schema.path(keyword).stringValue());
        }
      }
    }
    return texts;
  }

  /** The schemas that are asked about the same value. */
  private List<JsonNode> next(Site site) {
    List<JsonNode> next = new ArrayList<>();
    for (String keyword : KEYWORDS) {
      JsonNode reference = site.schema().path(keyword);
      JsonNode target = reference.isString() ? target(site, reference.stringValue()) : null;
      if (target != null) {
        next.add(target);
      }
    }
    for (String keyword : IN_PLACE) {
      JsonNode part = site.schema().path(keyword);
      if (part.isArray() || NAMED.contains(keyword)) {
        part.forEach(next::add);
      } else {
        next.add(part);
      }
    }
    return next;
  }

  private @Nullable JsonNode target(Site site, String reference) {
    String fragment =
        URLDecoder.decode(reference.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8);
    if (fragment.isEmpty()) {
      return site.root();
    }
    return fragment.startsWith("/")
        ? site.root().at(JsonPointer.compile(fragment))
        : anchored(site.root(), fragment);
  }

  @SuppressWarnings("ReferenceEquality") // The very schema is meant, not one that says the same.
  private @Nullable JsonNode anchored(JsonNode root, String name) {
    for (Site site : sites) {
      JsonNode schema = site.schema();
      boolean named = ANCHORS.stream().anyMatch(anchor -> isText(schema.path(anchor), name))
          || isText(schema.path("$id"), "#" + name);
      if (named && site.root() == root) {
        return schema;
      }
    }
    return null;
  }

  private static boolean isText(JsonNode node, String text) {
    return node.isString() && node.stringValue().equals(text);
  }
}
