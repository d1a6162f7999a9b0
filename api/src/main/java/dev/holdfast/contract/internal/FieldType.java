package dev.holdfast.contract.internal;

import dev.holdfast.contract.ContractPart;
import dev.holdfast.contract.internal.SourceNode.Mapping;
import dev.holdfast.contract.internal.SourceNode.Scalar;
import dev.holdfast.contract.internal.SourceNode.Sequence;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One field of a contract: its name, its type and what it may be. Immutable. */
public final class FieldType {

  private final RecordComponent component;
  private final Field spec;
  private final String name;

  FieldType(RecordComponent component) {
    this.component = component;
    this.spec = Objects.requireNonNull(component.getAnnotation(Field.class), component.getName());
    this.name = snakeCase(component.getName());
  }

  /** A name of Java as it is in YAML: {@code maxRetries} is {@code max_retries}. */
  static String snakeCase(String camelCase) {
    StringBuilder snake = new StringBuilder();
    for (int i = 0; i < camelCase.length(); i++) {
      char letter = camelCase.charAt(i);
      if (Character.isUpperCase(letter)) {
        snake.append('_');
      }
      snake.append(Character.toLowerCase(letter));
    }
    return snake.toString();
  }

  /** The name in YAML. */
  public String name() {
    return name;
  }

  /** What is said of it. */
  public Field spec() {
    return spec;
  }

  /** The Java type, of a list that of its elements. */
  public Class<?> type() {
    Type generic = component.getGenericType();
    return generic instanceof ParameterizedType list
        ? (Class<?>) list.getActualTypeArguments()[0]
        : component.getType();
  }

  /** Whether it is a list. */
  public boolean isList() {
    return component.getType() == List.class;
  }

  /** Whether it is a mapping with fields of its own. */
  public boolean isNested() {
    return ContractPart.class.isAssignableFrom(type());
  }

  /** Whether it may be null. */
  public boolean isNullable() {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  /** Whether it is a whole number, or a list of them. */
  public boolean isInteger() {
    return type() == int.class || type() == Integer.class;
  }

  /** Whether it is a decimal number, or a list of them. */
  public boolean isDecimal() {
    return type() == double.class || type() == Double.class;
  }

  /** Whether it is true or false. */
  public boolean isBoolean() {
    return type() == boolean.class;
  }

  /** The names that it may have, as in YAML; empty unless it is an enumeration. */
  public List<String> constants() {
    Object[] constants = type().getEnumConstants();
    return constants == null
        ? List.of()
        : Arrays.stream(constants).map(Object::toString).toList();
  }

  /** The nested contract. */
  @SuppressWarnings("unchecked") // isNested() says so.
  ContractType<? extends ContractPart> nested() {
    return ContractType.of((Class<? extends ContractPart>) type());
  }

  /** The value in a record. */
  @Nullable
  Object of(Record contract) {
    return ContractType.invoke(component.getAccessor(), contract);
  }

  /**
   * The value that a node stands for.
   *
   * @param wrong takes what is wrong, by path
   * @return null for null, and when something was wrong
   */
  @Nullable
  Object convert(SourceNode node, String path, BiConsumer<String, String> wrong) {
    if (node instanceof Scalar scalar && scalar.value() == null) {
      if (!isNullable()) {
        wrong.accept(path, "must be " + expected() + ", not null");
      }
      return null;
    }
    if (isNested() && node instanceof Mapping mapping) {
      return nested().read(mapping, path, wrong);
    }
    if (isList() && node instanceof Sequence sequence) {
      return list(sequence, path, wrong);
    }
    Object value = isList() || isNested() ? null : element(node);
    if (value == null) {
      wrong.accept(path, "must be " + expected() + ", not " + shown(node));
    }
    return value;
  }

  private @Nullable List<Object> list(
      Sequence sequence, String path, BiConsumer<String, String> wrong) {
    List<Object> values = new ArrayList<>();
    boolean sound = true;
    for (SourceNode item : sequence.items()) {
      Object value = element(item);
      if (value == null) {
        wrong.accept(path, "must be " + expected() + ", not with " + shown(item));
        sound = false;
      } else {
        values.add(value);
      }
    }
    return sound ? values : null;
  }

  private @Nullable Object element(SourceNode node) {
    if (!(node instanceof Scalar scalar)) {
      return null;
    }
    Object value = scalar.value();
    if (isInteger()) {
      return value instanceof Long whole && whole == whole.intValue() ? whole.intValue() : null;
    }
    if (isDecimal()) {
      return value instanceof Long || value instanceof Double
          ? ((Number) value).doubleValue()
          : null;
    }
    if (isBoolean()) {
      return value instanceof Boolean ? value : null;
    }
    return value instanceof String text ? named(text) : null;
  }

  private @Nullable Object named(String text) {
    Object[] constants = type().getEnumConstants();
    return constants == null
        ? text
        : Arrays.stream(constants)
            .filter(c -> c.toString().equals(text))
            .findFirst()
            .orElse(null);
  }

  /** What is wrong with a value of the right type, or null. */
  @Nullable
  String problem(@Nullable Object value) {
    if (value == null) {
      return null;
    }
    Collection<?> values = value instanceof List<?> list ? list : List.of(value);
    for (Object each : values) {
      if (!isWithinRange(each)) {
        return "must be " + expected() + ", not " + (isList() ? "with " : "") + quoted(each);
      }
    }
    return values.size() == values.stream().distinct().count() ? null : "has the same value twice";
  }

  private boolean isWithinRange(Object value) {
    double measure;
    if (value instanceof Number number) {
      measure = number.doubleValue();
    } else if (value instanceof String text) {
      measure = text.isBlank() ? 0 : text.length();
    } else {
      return true;
    }
    return measure >= spec.min() && measure <= spec.max();
  }

  /** Why a sound value is refused all the same, because nothing would honour it; null when it is honoured. */
  @Nullable
  String refusal(@Nullable Object value) {
    if (spec.only().length == 0 || honouredValues().contains(value)) {
      return null;
    }
    return "must be " + String.join(" or ", spec.only()) + ", not " + text(value) + ": "
        + spec.because();
  }

  /** The values that are honoured, when these are not all that the range allows; texts of different values can be equal. */
  List<@Nullable Object> honouredValues() {
    List<@Nullable Object> values = new ArrayList<>();
    for (String each : spec.only()) {
      boolean isText = type() == String.class && !isList() && !each.equals("null");
      values.add(isText ? each : ContractType.read(this, each));
    }
    return values;
  }

  /** A value for messages, on one line. */
  static String text(@Nullable Object value) {
    return value instanceof List<?> list
        ? list.stream().map(FieldType::text).collect(Collectors.joining(", ", "[", "]"))
        : String.valueOf(value);
  }

  /** What is right, for messages and documents: {@code a whole number from 0 to 100}. */
  public String expected() {
    if (isNested()) {
      return "a mapping";
    }
    String of = isList() ? "a list of " + elements() : element();
    return of + (isNullable() ? ", or null" : "");
  }

  private String element() {
    if (!constants().isEmpty()) {
      return oneOf(honoured());
    }
    if (isBoolean()) {
      return "true or false";
    }
    if (isInteger() || isDecimal()) {
      return (isInteger() ? "a whole number" : "a number") + range();
    }
    return spec.min() > 0 ? "text that is not blank" : "text";
  }

  private static String oneOf(List<String> names) {
    return names.size() == 1 ? names.get(0) : "one of " + String.join(", ", names);
  }

  /** Those of the constants that are not refused: who is told of another would try it next. */
  private List<String> honoured() {
    List<String> only = List.of(spec.only());
    return only.isEmpty()
        ? constants()
        : constants().stream().filter(only::contains).toList();
  }

  private String elements() {
    if (isInteger() || isDecimal()) {
      return "different " + (isInteger() ? "whole numbers" : "numbers") + range();
    }
    return "different texts";
  }

  private String range() {
    if (Double.isInfinite(spec.min())) {
      return "";
    }
    return Double.isInfinite(spec.max())
        ? " of at least " + number(spec.min())
        : " from " + number(spec.min()) + " to " + number(spec.max());
  }

  /** A bound without a fraction that it does not have. */
  static String number(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }

  private static String shown(SourceNode node) {
    if (node instanceof Scalar scalar) {
      return quoted(scalar.value());
    }
    return node instanceof Mapping ? "a mapping" : "a list";
  }

  private static String quoted(@Nullable Object value) {
    String text = String.valueOf(value);
    String shortened = text.length() <= 60 ? text : text.substring(0, 60) + "…";
    return value instanceof String ? "\"" + shortened + "\"" : shortened;
  }
}
