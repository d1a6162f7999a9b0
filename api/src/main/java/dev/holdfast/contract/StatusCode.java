package dev.holdfast.contract;

/** A failure that carries a status code, as answers of HTTP do. Exceptions of handlers implement it to be retried by their code. */
@FunctionalInterface
public interface StatusCode {

  /** The code, 100 to 599. */
  int statusCode();
}
