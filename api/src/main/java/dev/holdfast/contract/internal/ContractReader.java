package dev.holdfast.contract.internal;

import dev.holdfast.contract.Contract;
import dev.holdfast.contract.ContractViolation;
import dev.holdfast.contract.ContractViolationException;
import dev.holdfast.contract.SemanticVersion;
import dev.holdfast.contract.SourceLocation;
import dev.holdfast.contract.internal.SourceNode.Mapping;
import dev.holdfast.contract.internal.SourceNode.Scalar;
import dev.holdfast.contract.internal.SourceNode.Sequence;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.internal.TextRules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Makes contracts of mappings and collects everything that is wrong. Confined to one thread. */
public final class ContractReader {

  /** The key of a section that says for which version of the contract it was written. */
  public static final String VERSION = "interface_version";

  private static final int SHOWN = 60;

  private final List<ContractViolation> violations;
  private final Map<String, SourceLocation> locations = new HashMap<>();

  /** A reader that adds to violations found before. */
  public ContractReader(List<ContractViolation> violations) {
    this.violations = new ArrayList<>(violations);
  }

  /**
   * One contract of each type.
   *
   * @param root a mapping of sections
   * @throws ContractViolationException with everything that is wrong, at its place
   */
  public Map<Class<? extends Contract>, Contract> read(
      Mapping root, List<Class<? extends Contract>> types) {
    locate(root, "");
    Map<Class<? extends Contract>, Contract> contracts = new LinkedHashMap<>();
    Mapping unknown = root;
    for (Class<? extends Contract> type : types) {
      String section = ContractType.of(type).section();
      Contract contract = section(type, section, root.entries().get(section));
      if (contract != null) {
        contracts.put(type, contract);
      }
      unknown = unknown.without(section);
    }
    unknown.entries().keySet().forEach(name -> wrong(name, "is not a section"));
    verify();
    return contracts;
  }

  private <C extends Contract> @Nullable C section(
      Class<C> type, String section, @Nullable SourceNode node) {
    if (node == null || (node instanceof Scalar scalar && scalar.value() == null)) {
      return ContractType.of(type).defaults();
    }
    if (!(node instanceof Mapping mapping)) {
      wrong(section, "must be a mapping of fields");
      return null;
    }
    checkVersion(type, section, mapping.entries().get(VERSION));
    C contract = ContractType.of(type).read(mapping.without(VERSION), section, this::wrong);
    if (contract != null) {
      ContractType.of(type).refusals((Record) contract, section, this::wrong);
    }
    return contract;
  }

  private void checkVersion(
      Class<? extends Contract> type, String section, @Nullable SourceNode node) {
    if (node == null) {
      return;
    }
    String path = section + "." + VERSION;
    SemanticVersion here = version(type);
    try {
      Object value = node instanceof Scalar scalar ? scalar.value() : null;
      SemanticVersion written = SemanticVersion.parse(String.valueOf(value));
      if (!here.reads(written)) {
        wrong(
            path,
            "is " + TextRules.shown(written.toString(), SHOWN) + ", which version " + here
                + " cannot read");
      }
    } catch (HoldfastException e) {
      wrong(path, "must be a version such as " + here);
    }
  }

  private static SemanticVersion version(Class<? extends Contract> type) {
    try {
      return (SemanticVersion) type.getField("INTERFACE_VERSION").get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName(), e);
    }
  }

  private void locate(SourceNode node, String path) {
    if (node.location() != null) {
      locations.put(path, node.location());
    }
    if (node instanceof Mapping mapping) {
      mapping
          .entries()
          .forEach((name, value) -> locate(value, path.isEmpty() ? name : path + "." + name));
    } else if (node instanceof Sequence sequence) {
      sequence.items().forEach(item -> locate(item, path + "[]"));
    }
  }

  private void wrong(String path, String message) {
    violations.add(new ContractViolation(path, List.of(), message, location(path)));
  }

  /** Where a path stands, or what contains it. */
  private @Nullable SourceLocation location(String path) {
    SourceLocation found = locations.get(path);
    if (found != null || path.isEmpty()) {
      return found;
    }
    return location(path.substring(0, Math.max(0, path.lastIndexOf('.'))));
  }

  /** Throws when anything was wrong. */
  private void verify() {
    if (!violations.isEmpty()) {
      throw new ContractViolationException(violations);
    }
  }

  /** What nothing would honour in a contract. */
  public static void refusals(Contract contract, BiConsumer<String, String> wrong) {
    ContractType<? extends Contract> type = ContractType.of(contract.getClass());
    type.refusals((Record) contract, type.section(), wrong);
  }
}
