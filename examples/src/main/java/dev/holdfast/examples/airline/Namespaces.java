package dev.holdfast.examples.airline;

/**
 * Where the states are. Immutable.
 *
 * @param prefix what all namespaces of the example begin with
 */
record Namespaces(String prefix) {

  String runs() {
    return prefix + ".runs";
  }

  String reservations() {
    return of(SharedWrite.ReservationWrite.KIND);
  }

  String users() {
    return of(SharedWrite.CertificateWrite.KIND);
  }

  /** The name of the effect transactions that make the calls of a tool. */
  String effect(String tool) {
    return of(tool);
  }

  /** The names of all effect transactions of the example. */
  String[] effects() {
    return WritingTools.names().stream().map(this::effect).toArray(String[]::new);
  }

  String of(String kind) {
    return prefix + "." + kind;
  }
}
