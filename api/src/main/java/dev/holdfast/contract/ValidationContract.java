package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;

/**
 * How values are validated. Immutable.
 *
 * @param enableFailFast whether the first error ends a validation, {@code true} by default
 * @param strictTypeChecking whether 1 and "1" differ, {@code true} by default
 * @param enableSchemaValidation whether values are validated by JSON Schema, {@code true} by default
 * @param enableConstraintValidation whether values are validated by rules, {@code true} by default
 * @param maxValidationErrors how many errors are collected; 1 to 100, {@code 10} by default
 * @param enableValidationCaching whether validators are kept, {@code true} by default
 * @param validationCacheTtlSeconds how long validators are kept, in seconds; 10 to 3600, {@code 300} by default
 */
@Section("validation")
public record ValidationContract(
    @Field(value = "true", says = "whether the first error ends the validation of a value")
    boolean enableFailFast,

    @Field(value = "true", says = "whether 1 and \"1\" differ for a schema")
    boolean strictTypeChecking,

    @Field(
        value = "true",
        says = "whether values are validated by the schemas given for their keys")
    boolean enableSchemaValidation,

    @Field(
        value = "true",
        says = "whether values are validated by the constraints given for their keys")
    boolean enableConstraintValidation,

    @Field(value = "10", min = 1, max = 100, says = "how many errors of a value are collected")
    int maxValidationErrors,

    @Field(value = "true", says = "whether compiled schemas are kept")
    boolean enableValidationCaching,

    @Field(
        value = "300",
        min = 10,
        max = 3600,
        says = "how long they are kept before they are read again, in seconds")
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
