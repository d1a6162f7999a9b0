package dev.holdfast.integration.connection;

/** At which moment {@link TestingProxy} cuts a connection. */
public enum Cut {
  /** The request never reaches the server. */
  BEFORE_REQUEST,
  /** The request was forwarded and both ends are closed at once: whether the server still reads it is a race. */
  AFTER_REQUEST,
  /** The server has answered, so the request was carried out, and the answer is thrown away. */
  BEFORE_REPLY,
  /** The client loses the connection first, and the server gets the request when {@link TestingProxy#deliver()} is called. */
  BEFORE_LATE_REQUEST
}
