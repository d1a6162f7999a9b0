package dev.holdfast.contract;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Contracts are wrong. Carries everything that is wrong, not only the first; nothing was changed. */
public final class ContractViolationException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  private static final int SHOWN = 20;

  private final transient List<ContractViolation> violations;

  /** An exception with at least one violation. */
  public ContractViolationException(List<ContractViolation> violations) {
    this(violations, null);
  }

  /** An exception with at least one violation, and its cause. */
  public ContractViolationException(List<ContractViolation> violations, @Nullable Throwable cause) {
    super(
        ErrorCode.CONTRACT_VIOLATION,
        message(violations),
        Map.of(
            "violations", violations.stream().map(ContractViolation::toString).toList()),
        cause);
    this.violations = List.copyOf(violations);
  }

  private static String message(List<ContractViolation> violations) {
    String shown = violations.stream()
        .limit(SHOWN)
        .map(violation -> "\n  " + violation)
        .collect(Collectors.joining());
    int more = violations.size() - SHOWN;
    return "The contracts have " + violations.size()
        + (violations.size() == 1 ? " violation:" : " violations:") + shown
        + (more > 0 ? "\n  and " + more + " more" : "");
  }

  /** Everything that is wrong: what is wrong with the files first, then section by section. */
  public List<ContractViolation> violations() {
    return violations == null ? List.of() : violations;
  }
}
