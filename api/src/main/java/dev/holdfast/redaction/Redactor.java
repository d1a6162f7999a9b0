package dev.holdfast.redaction;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  private static final Redactor NONE = new Redactor(List.of(), "");
  private static final int MAX_CAUSES = 20;

  private final SensitiveNames names;
  private final String placeholder;
  private final boolean hidesNothing;

  private Redactor(List<String> patterns, String placeholder) {
    this.names = new SensitiveNames(patterns);
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

  /** Whether the value of a name is hidden. */
  public boolean isSensitive(String name) {
    return names.contains(name);
  }

  /**
   * A tree whose sensitive fields, at any depth, are the placeholder. The argument is not changed; it is returned itself when there was
   * nothing to hide. Texts inside are hidden in as by {@link #redactText}.
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

  private JsonNode object(ObjectNode object) {
    ObjectNode copy = object.objectNode();
    boolean changed = false;
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      JsonNode hidden = names.contains(field.getKey())
          ? StringNode.valueOf(placeholder)
          : redact(field.getValue());
      copy.set(field.getKey(), hidden);
      changed |= isOther(hidden, field.getValue());
    }
    return changed ? copy : object;
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
   * begins: rather too much is hidden than too little. A secret that no name precedes is not found.
   */
  public String redactText(String text) {
    return hidesNothing ? text : new TextRedaction(names, placeholder, text).result();
  }

  /** What a failure says, with its causes: class names, and messages as by {@link #redactText}. */
  public String describe(Throwable failure) {
    List<String> lines = new ArrayList<>();
    for (Throwable cause = failure;
        cause != null && lines.size() < MAX_CAUSES;
        cause = cause.getCause()) {
      lines.add(cause.getClass().getName()
          + (cause.getMessage() == null ? "" : ": " + redactText(cause.getMessage())));
    }
    return String.join("\ncaused by: ", lines);
  }
}
