package dev.holdfast.health;

/** What a check looks at. */
public enum CheckScope {
  /** Something outside the process without which it cannot work; it decides whether the process is ready. */
  DEPENDENCY,
  /** A part of Holdfast or of the application. */
  COMPONENT
}
