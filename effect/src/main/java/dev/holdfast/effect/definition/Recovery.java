package dev.holdfast.effect.definition;

/** What becomes of an effect transaction whose process gave no sign of life. Immutable. */
public enum Recovery {
  /** Its body goes on in another process: completed operations are answered from the journal, the others are performed. */
  FORWARD,
  /** Its completed operations are compensated. */
  BACKWARD
}
