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

  String of(String kind) {
    return prefix + "." + kind;
  }
}
