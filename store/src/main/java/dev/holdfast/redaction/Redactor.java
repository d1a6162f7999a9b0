package dev.holdfast.redaction;

import dev.holdfast.error.internal.FailureFacts;
import dev.holdfast.store.Versioned;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.json.internal.PointerSegment;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Puts a placeholder in the place of values whose names are sensitive, see {@link SensitiveNames}. Hiding twice is the same as hiding once.
 * Immutable and safe for use by multiple threads.
 *
 * <pre>{@code
 * Redactor redactor = Redactor.of(List.of("password", "api_key"), "[REDACTED]");
 * redactor.redactText("user=mia password=x1"); // user=mia password=[REDACTED]
 * }</pre>
 */
public final class Redactor {

  /** The names that are hidden unless something else is said. */
  public static final List<String> STANDARD_PATTERNS =
      List.of("password", "secret", "token", "api_key", "private_key", "access_key");

  /** What stands in the place of a value unless something else is said. */
  public static final String STANDARD_PLACEHOLDER = "[REDACTED]";

  private static final Redactor NONE = new Redactor(List.of(), "");
  private static final Redactor STANDARD = new Redactor(STANDARD_PATTERNS, STANDARD_PLACEHOLDER);
  private static final int MAX_CAUSES = 20;

  private final SensitiveNames names;
  private final List<String> patterns;
  private final String placeholder;
  private final boolean hidesNothing;

  private Redactor(List<String> patterns, String placeholder) {
    this.names = new SensitiveNames(patterns);
    this.patterns = patterns;
    this.placeholder = placeholder;
    this.hidesNothing = patterns.isEmpty();
  }

  /** A redactor for patterns of names, with what stands in the place of their values. */
  public static Redactor of(List<String> patterns, String placeholder) {
    return new Redactor(List.copyOf(patterns), placeholder);
  }

  /** A redactor that hides nothing. */
  public static Redactor none() {
    return NONE;
  }

  /** A redactor with {@link #STANDARD_PATTERNS} and {@link #STANDARD_PLACEHOLDER}. */
  public static Redactor standard() {
    return STANDARD;
  }

  /** The patterns, in no order; empty when nothing is hidden. */
  public List<String> patterns() {
    return patterns;
  }

  /** What stands in the place of a value. */
  public String placeholder() {
    return placeholder;
  }

  /** Whether the value of a name is hidden. */
  public boolean isSensitive(String name) {
    return names.contains(name);
  }

  /**
   * A tree whose sensitive fields, at any depth, are the placeholder. The argument is not changed; it is returned itself when there was
   * nothing to hide. Texts inside are hidden in as by {@link #redactText}. The value of
   * an operation of a JSON Patch is hidden when its path has a sensitive name.
   */
  public JsonNode redact(JsonNode tree) {
    if (hidesNothing) {
      return tree;
    }
    if (tree instanceof ObjectNode object) {
      return object(object);
    }
    if (tree instanceof ArrayNode array) {
      return array(array);
    }
    return tree.isString() ? string(tree) : tree;
  }

  /** The value of a key as it may be shown: the placeholder when the key is sensitive, else as by {@link #redact(JsonNode)}. */
  public JsonNode redact(String key, JsonNode value) {
    return names.contains(key) ? StringNode.valueOf(placeholder) : redact(value);
  }

  /** A record of history as it may be shown: its values as by {@link #redact(String, JsonNode)}, its reason as text. */
  public Change<JsonNode> redact(Change<JsonNode> change) {
    return hidesNothing
        ? change
        : new Change<>(
            change.version(),
            change.key(),
            change.operation(),
            redact(change.key(), change.before()),
            redact(change.key(), change.after()),
            change.origin().withReason(redactNullable(change.origin().reason())));
  }

  private @Nullable Versioned<JsonNode> redact(String key, @Nullable Versioned<JsonNode> value) {
    return value == null || value.value() == null
        ? value
        : new Versioned<>(redact(key, value.value()), value.version());
  }

  private @Nullable String redactNullable(@Nullable String text) {
    return text == null ? null : redactText(text);
  }

  private JsonNode object(ObjectNode object) {
    ObjectNode copy = object.objectNode();
    boolean changed = false;
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      boolean patched = field.getKey().equals("value") && isPatched(object);
      JsonNode hidden = patched || names.contains(field.getKey())
          ? StringNode.valueOf(placeholder)
          : redact(field.getValue());
      copy.set(field.getKey(), hidden);
      changed |= isOther(hidden, field.getValue());
    }
    return changed ? copy : object;
  }

  /** Whether the value of an operation of a JSON Patch goes to a sensitive name, or below one. */
  boolean isPatched(JsonNode operation) {
    JsonNode path = operation.path("path");
    return path.isString()
        && Arrays.stream(path.stringValue().split("/")).anyMatch(this::isSensitiveSegment);
  }

  /** A segment of a JSON Pointer stands for a name: the digits of its escapes are none of that name's. */
  private boolean isSensitiveSegment(String segment) {
    return names.contains(PointerSegment.unescape(segment));
  }

  private JsonNode array(ArrayNode array) {
    ArrayNode copy = array.arrayNode();
    boolean changed = false;
    for (JsonNode item : array) {
      JsonNode hidden = redact(item);
      copy.add(hidden);
      changed |= isOther(hidden, item);
    }
    return changed ? copy : array;
  }

  private JsonNode string(JsonNode node) {
    String text = node.stringValue();
    String hidden = redactText(text);
    return hidden.equals(text) ? node : StringNode.valueOf(hidden);
  }

  @SuppressWarnings("ReferenceEquality") // What was not changed is the very node.
  private static boolean isOther(JsonNode hidden, JsonNode node) {
    return hidden != node;
  }

  /**
   * A text in which the values of sensitive names are the placeholder: {@code name=value}, {@code name: value}, and the same within quotes,
   * as in JSON, in maps and records as Java prints them, in URLs and in connection strings. A value without quotes ends at a line end, at
   * {@code &} or {@code ;}, at a comma that white space follows, at a bracket that was open before it, or where the next {@code name=}
   * begins: rather too much is hidden than too little. A secret that no name precedes is not found here, see {@link #known()}.
   */
  public String redactText(String text) {
    return hidesNothing ? text : new TextRedaction(names, placeholder, text).result();
  }

  /** For what was given to somebody who failed: its sensitive values are hidden in what the failure says, also without a name before them. */
  public KnownValues known() {
    return new KnownValues(this);
  }

  /** What a failure says, with its causes: class names, and messages as by {@link #message}. */
  public String describe(Throwable failure) {
    return FailureFacts.chain(failure, MAX_CAUSES).stream()
        .map(this::line)
        .collect(Collectors.joining("\ncaused by: "));
  }

  /** A failure without its causes: the class name, and what {@link #message} makes of its message. */
  public String line(Throwable failure) {
    String message = message(failure);
    return failure.getClass().getName() + (message == null ? "" : ": " + message);
  }

  /**
   * The message of a failure as it may be shown. Of a database only its first line is: what follows may quote the row. What Jackson says is
   * not shown at all: it quotes the value. {@linkplain #known() Known} values are the placeholder.
   */
  public @Nullable String message(Throwable failure) {
    String message = FailureFacts.message(failure);
    if (message == null || hidesNothing) {
      return message;
    }
    if (failure instanceof JacksonException) {
      return placeholder;
    }
    if (failure instanceof BatchUpdateException) {
      return "a batch failed"; // The driver puts the parameters into the message.
    }
    String shown =
        failure instanceof SQLException ? message.lines().findFirst().orElse("") : message;
    for (String value : KnownValues.known(failure)) {
      shown = shown.replace(value, placeholder);
    }
    return redactText(shown);
  }
}
