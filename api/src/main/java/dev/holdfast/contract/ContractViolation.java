package dev.holdfast.contract;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with contracts. Immutable.
 *
 * @param path the field, such as {@code retry.max_retries}; empty when it is about a file as a whole
 * @param others the other fields that the broken rule speaks of, as paths; empty for a rule about one field
 * @param message what is wrong, and what would be right
 * @param at where it stands, or stands what contains it; null when it did not come from a file
 */
public record ContractViolation(
    String path,
    List<String> others,
    String message,
    @Nullable SourceLocation at) {

  /** Copies the list. */
  public ContractViolation {
    others = List.copyOf(others);
  }

  /** A violation of one field whose place is not known. */
  public static ContractViolation of(String path, String message) {
    return new ContractViolation(path, List.of(), message, null);
  }

  /** Where it stands; empty when it did not come from a file. */
  public Optional<SourceLocation> location() {
    return Optional.ofNullable(at);
  }

  /** The same at a place. */
  public ContractViolation withLocation(@Nullable SourceLocation place) {
    return new ContractViolation(path, others, message, place);
  }

  @Override
  public String toString() {
    return (at == null ? "" : at + " ") + (path.isEmpty() ? "" : path + " ") + message;
  }
}
