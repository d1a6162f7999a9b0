package dev.holdfast.contract.internal;

import dev.holdfast.contract.ContractPart;
import dev.holdfast.contract.ContractViolation;
import dev.holdfast.contract.ContractViolationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the constructor of a contract checks: each value against its field, then rules between fields. Confined to one thread. */
public final class Checks {

  private final String section;
  private final List<ContractViolation> violations = new ArrayList<>();

  private Checks(String section) {
    this.section = section;
  }

  /** Checks each value on its own. The values are those of all components, in their order. */
  public static Checks of(Class<? extends ContractPart> type, @Nullable Object... values) {
    ContractType<? extends ContractPart> contract = ContractType.of(type);
    Checks checks = new Checks(contract.section());
    for (int i = 0; i < values.length; i++) {
      FieldType field = contract.fields().get(i);
      String problem = field.problem(values[i]);
      if (problem != null) {
        checks.add(field.name(), problem);
      }
    }
    return checks;
  }

  /** A rule: when it does not hold, the first field is what is reported as wrong. */
  public Checks rule(boolean holds, String message, String field, String... others) {
    if (!holds) {
      add(field, message, others);
    }
    return this;
  }

  private void add(String field, String message, String... others) {
    violations.add(new ContractViolation(
        path(field), Arrays.stream(others).map(this::path).toList(), message, null));
  }

  private String path(String field) {
    return section + "." + field;
  }

  /** Throws when anything was wrong. */
  public void verify() {
    if (!violations.isEmpty()) {
      throw new ContractViolationException(violations);
    }
  }
}
