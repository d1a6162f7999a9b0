package dev.holdfast.contract.internal;

import dev.holdfast.contract.ContractPart;
import dev.holdfast.contract.ContractViolation;
import dev.holdfast.contract.ContractViolationException;
import dev.holdfast.contract.internal.SourceNode.Mapping;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A contract record, or a mapping within one, seen as a list of fields. Immutable.
 *
 * @param <C> the record
 */
public final class ContractType<C extends ContractPart> {

  private static final ClassValue<ContractType<?>> TYPES = new ClassValue<>() {
    @Override
    protected ContractType<?> computeValue(Class<?> type) {
      return new ContractType<>(type.asSubclass(ContractPart.class));
    }
  };

  private final Class<C> type;
  private final String section;
  private final List<FieldType> fields;

  private ContractType(Class<C> type) {
    this.type = type;
    this.section = Objects.requireNonNull(type.getAnnotation(Section.class), type.getName())
        .value();
    List<FieldType> found = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      found.add(new FieldType(component));
    }
    this.fields = List.copyOf(found);
  }

  /** The description of a record. */
  @SuppressWarnings("unchecked") // The value was computed for this very class.
  public static <C extends ContractPart> ContractType<C> of(Class<C> type) {
    return (ContractType<C>) TYPES.get(type);
  }

  /** The path in a file. */
  public String section() {
    return section;
  }

  /** The fields, in the order of the record. */
  public List<FieldType> fields() {
    return fields;
  }

  /** The record with every default. */
  public C defaults() {
    return create(fields.stream().map(ContractType::defaultOf).toArray());
  }

  /** The default of a field. */
  static @Nullable Object defaultOf(FieldType field) {
    return read(field, field.spec().value());
  }

  /** The value of a field that is said in the annotation, as in YAML. */
  static @Nullable Object read(FieldType field, String yaml) {
    SourceNode node = YamlReader.read(field.name(), yaml, new ArrayList<>());
    return field.convert(
        node == null ? SourceNode.of(null) : node, field.name(), ContractType::wrongDefault);
  }

  private static void wrongDefault(String path, String problem) {
    throw new IllegalStateException("What is said of " + path + " " + problem);
  }

  /**
   * The record that a mapping stands for; what it does not name has its default.
   *
   * @param wrong takes everything that is wrong, by path; what the record's own rules refuse as well
   * @return null when something was wrong
   */
  public @Nullable C read(Mapping mapping, String path, BiConsumer<String, String> wrong) {
    Set<String> failed = new HashSet<>();
    BiConsumer<String, String> failing = (where, problem) -> {
      failed.add(where);
      wrong.accept(where, problem);
    };
    for (String name : mapping.entries().keySet()) {
      if (fields.stream().noneMatch(field -> field.name().equals(name))) {
        failing.accept(path + "." + name, "is not known; " + path + " has " + names());
      }
    }
    Object[] values = new Object[fields.size()];
    for (int i = 0; i < values.length; i++) {
      FieldType field = fields.get(i);
      SourceNode node = mapping.entries().get(field.name());
      values[i] = node == null
          ? defaultOf(field)
          : orDefault(field, node, path + "." + field.name(), failing);
    }
    try {
      C contract = create(values);
      return failed.isEmpty() ? contract : null;
    } catch (ContractViolationException e) {
      e.violations().stream()
          .filter(violation -> isNews(violation, failed))
          .forEach(violation -> wrong.accept(violation.path(), violation.message()));
      return null;
    }
  }

  /** The default stands in for a value of the wrong type, so that the rest can be checked as well. */
  private static @Nullable Object orDefault(
      FieldType field, SourceNode node, String path, BiConsumer<String, String> failing) {
    int[] problems = {0};
    Object value = field.convert(node, path, (where, problem) -> {
      problems[0]++;
      failing.accept(where, problem);
    });
    return problems[0] == 0 ? value : defaultOf(field);
  }

  /** A rule that speaks of a field that could not be read says nothing. */
  private static boolean isNews(ContractViolation violation, Set<String> failed) {
    return !failed.contains(violation.path())
        && violation.others().stream().noneMatch(failed::contains);
  }

  private String names() {
    return fields.stream().map(FieldType::name).collect(Collectors.joining(", "));
  }

  /** The values of a record by name, as they are in YAML. */
  public Map<String, Object> values(Record contract) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (FieldType field : fields) {
      values.put(field.name(), plain(field.of(contract)));
    }
    return values;
  }

  @SuppressWarnings({"NullAway", "unchecked"}) // A map of YAML may hold null.
  private static Object plain(@Nullable Object value) {
    if (value instanceof ContractPart part) {
      return ContractType.of((Class<ContractPart>) part.getClass()).values((Record) part);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(ContractType::plain).toList();
    }
    return value instanceof Enum<?> constant ? constant.toString() : value;
  }

  /** Tells, by path, which values of a record nothing would honour. */
  public void refusals(Record contract, String path, BiConsumer<String, String> wrong) {
    for (FieldType field : fields) {
      Object value = field.of(contract);
      String below = path + "." + field.name();
      if (field.isNested() && value instanceof Record nested) {
        field.nested().refusals(nested, below, wrong);
      } else {
        String refusal = field.refusal(value);
        if (refusal != null) {
          wrong.accept(below, refusal);
        }
      }
    }
  }

  private C create(@Nullable Object[] values) {
    Class<?>[] types = Arrays.stream(type.getRecordComponents())
        .map(RecordComponent::getType)
        .toArray(Class<?>[]::new);
    try {
      Constructor<C> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw unwrapped(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName(), e);
    }
  }

  static @Nullable Object invoke(Method accessor, Record contract) {
    try {
      return accessor.invoke(contract);
    } catch (InvocationTargetException e) {
      throw unwrapped(e);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(accessor.toString(), e);
    }
  }

  private static RuntimeException unwrapped(InvocationTargetException e) {
    return e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
  }
}
