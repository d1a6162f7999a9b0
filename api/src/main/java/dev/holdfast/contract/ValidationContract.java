package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;

/**
 * How values are validated. Immutable.
 *
 * @param enableFailFast whether the first error ends a validation, {@code true} by default; not used yet
 * @param strictTypeChecking whether 1 and "1" differ, {@code true} by default; not used yet
 * @param enableSchemaValidation whether values are validated by JSON Schema, {@code true} by default; not used yet
 * @param enableConstraintValidation whether values are validated by rules, {@code true} by default; not used yet
 * @param maxValidationErrors how many errors are collected; 1 to 100, {@code 10} by default; not used yet
 * @param enableValidationCaching whether validators are kept, {@code true} by default; not used yet
 * @param validationCacheTtlSeconds how long validators are kept, in seconds; 10 to 3600, {@code 300} by default; not used yet
 */
@Section("validation")
public record ValidationContract(
    @Field(value = "true", planned = true, says = "whether the first error ends a validation")
    boolean enableFailFast,

    @Field(value = "true", planned = true, says = "whether 1 and \"1\" differ")
    boolean strictTypeChecking,

    @Field(value = "true", planned = true, says = "whether values are validated by JSON Schema")
    boolean enableSchemaValidation,

    @Field(value = "true", planned = true, says = "whether values are validated by rules")
    boolean enableConstraintValidation,

    @Field(value = "10", min = 1, max = 100, planned = true, says = "how many errors are collected")
    int maxValidationErrors,

    @Field(value = "true", planned = true, says = "whether validators are kept")
    boolean enableValidationCaching,

    @Field(
        value = "300",
        min = 10,
        max = 3600,
        planned = true,
        says = "how long validators are kept, in seconds")
    int validationCacheTtlSeconds)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public ValidationContract {
    Checks.of(
            ValidationContract.class,
            enableFailFast,
            strictTypeChecking,
            enableSchemaValidation,
            enableConstraintValidation,
            maxValidationErrors,
            enableValidationCaching,
            validationCacheTtlSeconds)
        .verify();
  }
}
