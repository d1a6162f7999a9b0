package dev.holdfast.contract;

import dev.holdfast.contract.internal.ContractType;
import java.util.Map;

/**
 * One section of the configuration: an immutable record whose values are within their ranges and fit each other, because its constructor
 * refuses anything else with {@link ContractViolationException}. Its fields are those of the table in docs/contracts.md.
 *
 * <p>Each has a constant {@code INTERFACE_VERSION}. Within a major version no field goes away, changes its type or allows less; a minor
 * version may add fields that have defaults.
 */
public sealed interface Contract extends ContractPart
    permits CachingContract,
        CircuitBreakerContract,
        ContractLoaderContract,
        EffectHandlerContract,
        EventBusContract,
        HealthCheckContract,
        LoggingContract,
        MetricsContract,
        RetryContract,
        SecurityContract,
        SerializationContract,
        TransactionContract,
        ValidationContract {

  /** The contract with every default. */
  static <C extends Contract> C defaults(Class<C> type) {
    return ContractType.of(type).defaults();
  }

  /**
   * A contract from fields by their names in YAML; what is not named has its default. Whole numbers, decimals, booleans, texts, lists and
   * maps are taken as they are, and an enumeration by its name: nothing is converted.
   *
   * @throws ContractViolationException with everything that is wrong
   */
  static <C extends Contract> C of(Class<C> type, Map<String, ?> fields) {
    return Contracts.read(type, fields);
  }

  /** The fields by their names in YAML; nested mappings as maps, enumerations as text. */
  @SuppressWarnings("unchecked")
  default Map<String, Object> asMap() {
    return ContractType.of((Class<Contract>) getClass()).values((Record) this);
  }
}
