package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;

/**
 * How contracts are loaded, see {@link ContractLoader}. Immutable.
 *
 * @param enableContractValidation whether contracts are validated, {@code true} by default
 * @param enableContractCaching whether a loader keeps what it loaded until a file changes, {@code true} by default
 * @param contractCacheTtlSeconds how long it keeps it at most, in seconds; 60 to 86400, {@code 3600} by default
 * @param strictSchemaValidation whether unknown keys are refused, {@code true} by default
 * @param enableSubcontractComposition whether files may include others, {@code true} by default
 */
@Section("contract_loader")
public record ContractLoaderContract(
    @Field(
        value = "true",
        only = "true",
        because = "a contract that is not validated cannot be made",
        says = "whether contracts are validated")
    boolean enableContractValidation,

    @Field(value = "true", says = "whether a loader keeps what it loaded until a file changes")
    boolean enableContractCaching,

    @Field(value = "3600", min = 60, max = 86400, says = "how long it keeps it at most, in seconds")
    int contractCacheTtlSeconds,

    @Field(
        value = "true",
        only = "true",
        because = "an unknown key would silently keep a default",
        says = "whether unknown keys are refused")
    boolean strictSchemaValidation,

    @Field(value = "true", says = "whether files may include others")
    boolean enableSubcontractComposition)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public ContractLoaderContract {
    Checks.of(
            ContractLoaderContract.class,
            enableContractValidation,
            enableContractCaching,
            contractCacheTtlSeconds,
            strictSchemaValidation,
            enableSubcontractComposition)
        .verify();
  }
}
