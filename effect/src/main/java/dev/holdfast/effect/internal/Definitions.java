package dev.holdfast.effect.internal;

import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** What this process can go on with, by name. Safe for use by multiple threads. */
final class Definitions {

  private final ConcurrentMap<String, EffectDefinition<?, ?>> definitions =
      new ConcurrentHashMap<>();

  void add(EffectDefinition<?, ?> definition) {
    if (definitions.putIfAbsent(definition.name(), definition) != null) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "There is a definition \"" + definition.name() + "\" already",
          Map.of("definition", definition.name()),
          null);
    }
  }

  Optional<EffectDefinition<?, ?>> find(String name) {
    return Optional.ofNullable(definitions.get(name));
  }

  /** Refuses another definition than the one that recovery would go on with. */
  @SuppressWarnings("ReferenceEquality") // The very object is meant.
  void require(EffectDefinition<?, ?> definition) {
    if (definitions.get(definition.name()) != definition) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "Definition \"" + definition.name() + "\" "
              + (definitions.containsKey(definition.name())
                  ? "is known here, but as another object"
                  : "is not known here; define it first"),
          Map.of("definition", definition.name()),
          null);
    }
  }
}
