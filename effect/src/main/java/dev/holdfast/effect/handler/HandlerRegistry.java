package dev.holdfast.effect.handler;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** The handlers of this process by name. Safe for use by multiple threads. */
public final class HandlerRegistry {

  private final Map<String, EffectHandler<?, ?>> handlers = new ConcurrentHashMap<>();

  /** An empty registry. */
  public HandlerRegistry() {}

  /**
   * Adds a handler.
   *
   * @throws HoldfastException with {@link ErrorCode#CONFIGURATION} when it does not say how it is performed, or its name is taken
   */
  public void register(EffectHandler<?, ?> handler) {
    handler.performRequired();
    if (handlers.putIfAbsent(handler.name(), handler) != null) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "A handler of the name \"" + handler.name()
              + "\" is registered already; unregister it first");
    }
  }

  /** Removes a handler; operations under way end with it. False when there is none such. */
  public boolean unregister(String name) {
    return handlers.remove(name) != null;
  }

  /** The handler of a name. */
  public Optional<EffectHandler<?, ?>> find(String name) {
    return Optional.ofNullable(handlers.get(name));
  }

  /**
   * The handler of a name.
   *
   * @throws HoldfastException with {@link ErrorCode#HANDLER_MISSING} and the names there are
   */
  public EffectHandler<?, ?> getRequired(String name) {
    return find(name)
        .orElseThrow(() -> new HoldfastException(
            ErrorCode.HANDLER_MISSING,
            "There is no handler \"" + name + "\"; registered are "
                + new TreeSet<>(handlers.keySet()),
            Map.of("handler", name),
            null));
  }

  /** Whether all of these are registered. */
  public boolean hasAll(Collection<String> names) {
    return handlers.keySet().containsAll(names);
  }
}
