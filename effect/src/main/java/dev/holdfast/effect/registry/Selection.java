package dev.holdfast.effect.registry;

import java.util.Map;
import java.util.Optional;

/**
 * Says by hand which provider serves a name, before priorities count. Called for every operation, so it must be quick; must be safe for use
 * by multiple threads.
 */
@FunctionalInterface
public interface Selection {

  /** The provider that is to serve this name; empty to let the precedence decide. A provider that is not registered is an error. */
  Optional<String> providerOf(String name);

  /** Selects nothing. */
  static Selection none() {
    return name -> Optional.empty();
  }

  /** Selects by the names of the map; a copy is taken. */
  static Selection of(Map<String, String> providers) {
    Map<String, String> copy = Map.copyOf(providers);
    return name -> Optional.ofNullable(copy.get(name));
  }
}
