package dev.holdfast.contract;

import dev.holdfast.contract.internal.ContractFiles;
import dev.holdfast.contract.internal.ContractReader;
import dev.holdfast.contract.internal.ContractType;
import dev.holdfast.contract.internal.SourceNode;
import dev.holdfast.store.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/**
 * The thirteen contracts that configure Holdfast. Immutable. A value that no component would honour is refused, here and when they are
 * loaded: {@link ContractViolationException} names each of them.
 *
 * <pre>{@code
 * Contracts contracts = Contracts.load(Path.of("holdfast.yaml"));
 * RetryPolicy policy = contracts.retry().policy();
 * }</pre>
 */
public record Contracts(
    CachingContract caching,
    RetryContract retry,
    HealthCheckContract healthCheck,
    EventBusContract eventBus,
    CircuitBreakerContract circuitBreaker,
    LoggingContract logging,
    MetricsContract metrics,
    SecurityContract security,
    ValidationContract validation,
    SerializationContract serialization,
    ContractLoaderContract contractLoader,
    TransactionContract transaction,
    EffectHandlerContract effectHandler) {

  /** The types of all contracts, in the order of the record. */
  public static final List<Class<? extends Contract>> TYPES = List.of(
      CachingContract.class,
      RetryContract.class,
      HealthCheckContract.class,
      EventBusContract.class,
      CircuitBreakerContract.class,
      LoggingContract.class,
      MetricsContract.class,
      SecurityContract.class,
      ValidationContract.class,
      SerializationContract.class,
      ContractLoaderContract.class,
      TransactionContract.class,
      EffectHandlerContract.class);

  /** Refuses what no component would honour. */
  public Contracts {
    List<ContractViolation> refused = new ArrayList<>();
    for (Contract contract : List.<Contract>of(
        caching,
        retry,
        healthCheck,
        eventBus,
        circuitBreaker,
        logging,
        metrics,
        security,
        validation,
        serialization,
        contractLoader,
        transaction,
        effectHandler)) {
      ContractReader.refusals(
          contract, (path, message) -> refused.add(ContractViolation.of(path, message)));
    }
    if (!refused.isEmpty()) {
      throw new ContractViolationException(refused);
    }
  }

  /** Every contract with every default. */
  public static Contracts defaults() {
    return of(Map.of());
  }

  /**
   * Contracts from maps by the names of the sections and of the fields, as in YAML.
   *
   * @throws ContractViolationException with everything that is wrong
   */
  public static Contracts of(Map<String, ? extends Map<String, ?>> sections) {
    return read((SourceNode.Mapping) SourceNode.of(sections), new ArrayList<>());
  }

  /**
   * Contracts from a YAML file and what it includes, see docs/contracts.md. Reads the files each time; {@link ContractLoader} keeps them.
   *
   * @throws ContractViolationException with everything that is wrong, each with file, line, column and path
   */
  public static Contracts load(Path file) {
    return new ContractLoader().load(file);
  }

  static Contracts read(ContractFiles.Loaded loaded, List<ContractViolation> violations) {
    return read(loaded.root(), violations);
  }

  private static Contracts read(SourceNode.Mapping root, List<ContractViolation> violations) {
    Map<Class<? extends Contract>, Contract> read =
        new ContractReader(violations).read(root, TYPES);
    return new Contracts(
        get(read, CachingContract.class),
        get(read, RetryContract.class),
        get(read, HealthCheckContract.class),
        get(read, EventBusContract.class),
        get(read, CircuitBreakerContract.class),
        get(read, LoggingContract.class),
        get(read, MetricsContract.class),
        get(read, SecurityContract.class),
        get(read, ValidationContract.class),
        get(read, SerializationContract.class),
        get(read, ContractLoaderContract.class),
        get(read, TransactionContract.class),
        get(read, EffectHandlerContract.class));
  }

  static <C extends Contract> C read(Class<C> type, Map<String, ?> fields) {
    String section = ContractType.of(type).section();
    SourceNode.Mapping root = (SourceNode.Mapping) SourceNode.of(Map.of(section, fields));
    return get(new ContractReader(List.of()).read(root, List.of(type)), type);
  }

  private static <C extends Contract> C get(
      Map<Class<? extends Contract>, Contract> read, Class<C> type) {
    return type.cast(Objects.requireNonNull(read.get(type)));
  }

  /** The contracts, in the order of the record. */
  public List<Contract> all() {
    return List.of(
        caching,
        retry,
        healthCheck,
        eventBus,
        circuitBreaker,
        logging,
        metrics,
        security,
        validation,
        serialization,
        contractLoader,
        transaction,
        effectHandler);
  }

  /** The sections by name, as in YAML; every field is there. */
  public Map<String, Map<String, Object>> asMap() {
    Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
    for (Contract contract : all()) {
      sections.put(ContractType.of(contract.getClass()).section(), contract.asMap());
    }
    return sections;
  }

  /** What {@link #load} reads again as equal contracts: written as the serialization contract says, but not compressed. */
  public String toText() {
    JsonNode tree = Json.json(asMap());
    return new String(
        new DocumentWriter(serialization).writeUncompressed(tree), StandardCharsets.UTF_8);
  }
}
