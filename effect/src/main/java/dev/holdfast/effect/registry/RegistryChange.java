package dev.holdfast.effect.registry;

/**
 * A change of a registry, which has happened when it is told. Immutable.
 *
 * @param kind what happened
 * @param candidate to which candidate
 */
public record RegistryChange(Kind kind, Candidate candidate) {

  /** What happened. */
  public enum Kind {
    /** It was registered. */
    REGISTERED,
    /** It was unregistered. */
    UNREGISTERED
  }
}
