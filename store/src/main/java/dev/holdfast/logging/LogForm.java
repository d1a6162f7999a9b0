package dev.holdfast.logging;

/** The form of a log message; what stands around it is the logging backend's. */
public enum LogForm {
  /** The message as text, with the failure beside it. */
  TEXT,
  /** One JSON object with message, ids, and the failure as text: a line stays one line. */
  JSON,
  /** The message as text, ids as the key-value pairs of SLF4J, and the failure beside it. */
  STRUCTURED
}
