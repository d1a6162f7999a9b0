package dev.holdfast.contract.internal;

import dev.holdfast.contract.SerializationContract;
import dev.holdfast.contract.SerializationContract.Format;
import dev.holdfast.store.json.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/**
 * A tree as indented text. JSON and YAML differ only in the words between: brackets and commas, or line ends and hyphens. Confined to one
 * thread.
 */
public final class DocumentText {

  /** What is text in every version of YAML without quotes. Possessive: otherwise a long one takes as deep a stack. */
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_./-]*+(?: [A-Za-z0-9_./-]++)*+");

  private static final Pattern RESERVED =
      Pattern.compile("null|true|false|yes|no|on|off|y|n", Pattern.CASE_INSENSITIVE);

  private static final int MAX_PLAIN_NUMBER = 21;

  /** What stands before a colon may not be longer, or YAML does not take it for a key. */
  private static final int MAX_SIMPLE_KEY = 1_024;

  private final SerializationContract contract;
  private final boolean yaml;
  private final StringBuilder out = new StringBuilder();

  /** Text as a contract says. */
  public DocumentText(SerializationContract contract) {
    this.contract = contract;
    this.yaml = contract.serializationFormat() == Format.YAML;
  }

  /** The text of a tree, with a line end behind it. */
  public String text(JsonNode tree) {
    if (yaml) {
      if (isBlock(tree)) {
        yamlBlock(tree, 0);
      } else {
        out.append(scalar(tree, 0)).append('\n');
      }
    } else {
      json(tree, 0);
      out.append('\n');
    }
    return out.toString();
  }

  private static boolean isBlock(JsonNode node) {
    return node.isContainer() && !node.isEmpty();
  }

  private void yamlBlock(JsonNode node, int level) {
    if (node.isArray()) {
      for (JsonNode item : node) {
        indent(level).append('-');
        yamlValue(item, level);
      }
    } else {
      for (Map.Entry<String, JsonNode> field : fields(node)) {
        yamlKey(name(field.getKey()), level);
        yamlValue(field.getValue(), level);
      }
    }
  }

  private void yamlKey(String name, int level) {
    if (name.length() <= MAX_SIMPLE_KEY) {
      indent(level).append(name).append(':');
    } else {
      indent(level).append("? ").append(name).append('\n');
      indent(level).append(':');
    }
  }

  private void yamlValue(JsonNode value, int level) {
    if (isBlock(value)) {
      out.append('\n');
      yamlBlock(value, level + 1);
    } else {
      out.append(' ').append(scalar(value, level + 1)).append('\n');
    }
  }

  private void json(JsonNode node, int level) {
    if (!isBlock(node)) {
      out.append(scalar(node, level));
      return;
    }
    String separator = "";
    out.append(node.isArray() ? '[' : '{');
    if (node.isArray()) {
      for (JsonNode item : node) {
        separator = next(separator, level);
        json(item, level + 1);
      }
    } else {
      for (Map.Entry<String, JsonNode> field : fields(node)) {
        separator = next(separator, level);
        out.append(quoted(field.getKey())).append(": ");
        json(field.getValue(), level + 1);
      }
    }
    out.append('\n');
    indent(level).append(node.isArray() ? ']' : '}');
  }

  private String next(String separator, int level) {
    out.append(separator).append('\n');
    indent(level + 1);
    return ",";
  }

  private StringBuilder indent(int level) {
    return out.append(" ".repeat(level * contract.indentSize()));
  }

  private List<Map.Entry<String, JsonNode>> fields(JsonNode object) {
    List<Map.Entry<String, JsonNode>> fields = new ArrayList<>(object.properties());
    if (contract.sortKeys()) {
      fields.sort(Comparator.comparing(Map.Entry::getKey));
    }
    return fields;
  }

  private String name(String name) {
    return isPlain(name) ? name : quoted(name);
  }

  private static boolean isPlain(String text) {
    return PLAIN.matcher(text).matches() && !RESERVED.matcher(text).matches();
  }

  private String scalar(JsonNode node, int level) {
    if (node.isString()) {
      String text = node.stringValue();
      return yaml && isPlain(text) && fits(text, level) ? text : folded(quoted(text), level);
    }
    if (node.isNumber() && contract.enableCanonicalMode()) {
      return number(node.decimalValue());
    }
    return Json.write(node);
  }

  private boolean fits(String text, int level) {
    return text.length() + level * contract.indentSize() < contract.lineWidth();
  }

  /** One form for each number, whatever digits it was written with. */
  private static String number(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    int digits = stripped.precision() - stripped.scale();
    return Math.abs(digits) <= MAX_PLAIN_NUMBER && stripped.scale() <= MAX_PLAIN_NUMBER
        ? stripped.toPlainString()
        : stripped.toString();
  }

  private String quoted(String text) {
    String quoted = Json.write(StringNode.valueOf(text));
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < quoted.length(); i++) {
      char letter = quoted.charAt(i);
      if (mustEscape(letter)) {
        escaped.append("\\u%04x".formatted((int) letter));
      } else {
        escaped.append(letter);
      }
    }
    return escaped.toString();
  }

  /** YAML takes some characters for line ends, and may not hold others. */
  private boolean mustEscape(char letter) {
    boolean special = letter == 0x7f
        || (letter >= 0x80 && letter < 0xa0)
        || letter == 0x2028
        || letter == 0x2029
        || letter == 0xfeff
        || letter >= 0xfffe;
    return special || (!contract.enableUnicode() && letter > 0x7e);
  }

  /** Within quotes YAML reads a line end, and the spaces around it, as one space; so a single space between words can become one. */
  private String folded(String quoted, int level) {
    if (!yaml) {
      return quoted;
    }
    String lineEnd = "\n" + " ".repeat(Math.max(1, level) * contract.indentSize());
    int room = Math.max(1, contract.lineWidth() - lineEnd.length());
    StringBuilder folded = new StringBuilder();
    int lineStart = 0;
    int fold = -1;
    for (int i = 1; i < quoted.length() - 1; i++) {
      if (isFold(quoted, i)) {
        fold = i;
      }
      if (i - lineStart >= room && fold > lineStart) {
        folded.append(quoted, lineStart, fold).append(lineEnd);
        lineStart = fold + 1;
        fold = -1;
      }
    }
    return folded.append(quoted, lineStart, quoted.length()).toString();
  }

  private static boolean isFold(String quoted, int i) {
    return quoted.charAt(i) == ' '
        && isWord(quoted.charAt(i - 1))
        && isWord(quoted.charAt(i + 1))
        && i > 1
        && i < quoted.length() - 2;
  }

  private static boolean isWord(char letter) {
    return letter > ' ' && letter != '\\';
  }
}
