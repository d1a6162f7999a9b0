package dev.holdfast.effect.registry;

/** Is told of changes of a registry. Must be safe for use by multiple threads. */
@FunctionalInterface
public interface RegistryListener {

  /**
   * Called after the change, in the thread that made it, without a lock: it may use the registry, and may hear of changes of several
   * threads in another order. What it throws is logged and hinders nobody else.
   */
  void changed(RegistryChange change);
}
