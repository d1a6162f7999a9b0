package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.contract.internal.ContractType;
import dev.holdfast.contract.internal.FieldType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** Helpers for tests of contracts. */
final class TestingContracts {

  private TestingContracts() {}

  /** One contract of a section with one field set, everything else at its default. */
  static <C extends Contract> C with(Class<C> type, String field, @Nullable Object value) {
    return Contract.of(type, fields(field, value));
  }

  /** Contracts with one field set. */
  static Contracts contracts(String section, String field, @Nullable Object value) {
    return Contracts.of(Map.of(section, fields(field, value)));
  }

  @SuppressWarnings("NullAway") // Null is a value of YAML.
  static Map<String, Object> fields(String field, @Nullable Object value) {
    Map<String, Object> fields = new LinkedHashMap<>();
    int dot = field.indexOf('.');
    fields.put(
        dot < 0 ? field : field.substring(0, dot),
        dot < 0 ? value : fields(field.substring(dot + 1), value));
    return fields;
  }

  static List<ContractViolation> violations(ThrowingCallable call) {
    ContractViolationException failure =
        catchThrowableOfType(ContractViolationException.class, call);
    return failure == null ? List.of() : failure.violations();
  }

  static Path write(Path folder, String name, String text) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every field by its path, those of nested mappings instead of the mapping. */
  static List<Leaf> leaves() {
    List<Leaf> leaves = new ArrayList<>();
    for (Class<? extends Contract> type : Contracts.TYPES) {
      leaves(ContractType.of(type), "", (name, field) -> leaves.add(new Leaf(type, name, field)));
    }
    return leaves;
  }

  @SuppressWarnings("unchecked") // isNested() says so.
  private static void leaves(
      ContractType<? extends ContractPart> type, String prefix, BiConsumer<String, FieldType> to) {
    for (FieldType field : type.fields()) {
      if (field.isNested()) {
        leaves(
            ContractType.of((Class<? extends ContractPart>) field.type()),
            prefix + field.name() + ".",
            to);
      } else {
        to.accept(prefix + field.name(), field);
      }
    }
  }

  /** A field of a contract, by its name within the section. */
  record Leaf(Class<? extends Contract> type, String name, FieldType field) {

    String section() {
      return ContractType.of(type).section();
    }

    String path() {
      return section() + "." + name;
    }

    boolean isFixed() {
      return field.spec().only().length == 1;
    }

    boolean isDriven() {
      return !isFixed();
    }

    @Override
    public String toString() {
      return path();
    }
  }
}
