package dev.holdfast.examples.airline;

import static dev.holdfast.store.json.Json.json;

import dev.holdfast.examples.airline.SharedWrite.CertificateWrite;
import dev.holdfast.examples.airline.SharedWrite.ReservationWrite;
import dev.holdfast.examples.reservation.Movement;
import dev.holdfast.examples.reservation.Order;
import dev.holdfast.examples.reservation.Order.Unit;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * One thing that a tool call asks of the reservation service. Immutable.
 *
 * @param operation which of the handlers
 * @param order what it is asked
 */
record ServiceCall(String operation, Order order) {

  static final String CHANGE = "reservation.change";
  static final String CHARGE = "payment.charge";
  static final String ISSUE = "certificate.issue";

  private static final JsonNode NOTHING = json(Map.of());

  /** What a tool call asks, always the same and in the same order. */
  static List<ServiceCall> of(SharedWrite write) {
    return write instanceof ReservationWrite reservation
        ? of(reservation)
        : of((CertificateWrite) write);
  }

  /** Money first, when some is due; then the seats that change hands. */
  private static List<ServiceCall> of(ReservationWrite write) {
    JsonNode before = write.before() == null ? NOTHING : write.before();
    List<ServiceCall> calls = new ArrayList<>();
    Map<String, BigDecimal> payments = payments(before, write.fields());
    if (!payments.isEmpty()) {
      calls.add(call(CHARGE, write.state(), Unit.MONEY, payments));
    }
    calls.add(call(CHANGE, write.state(), Unit.SEATS, seats(before, write.fields())));
    return calls;
  }

  /** A certificate is money that the airline owes. */
  private static List<ServiceCall> of(CertificateWrite write) {
    Map<String, BigDecimal> owed = new TreeMap<>();
    JsonNode amount = write.certificate().path("amount");
    if (amount.isNumber()) {
      add(owed, "certificates of " + write.user(), amount.decimalValue().negate());
    }
    return List.of(call(ISSUE, write.user(), Unit.MONEY, owed));
  }

  private static ServiceCall call(
      String operation, String subject, Unit unit, Map<String, BigDecimal> movements) {
    return new ServiceCall(
        operation,
        new Order(
            subject,
            unit,
            movements.entrySet().stream()
                .map(entry -> new Movement(entry.getKey(), entry.getValue()))
                .toList()));
  }

  private static Map<String, BigDecimal> seats(JsonNode before, Map<String, JsonNode> after) {
    Map<String, BigDecimal> seats = new TreeMap<>();
    long were = before.path("status").asString("").equals("cancelled")
        ? 0
        : before.path("passengers").size();
    before.path("flights").forEach(flight -> addSeats(seats, flight, -were));
    long are = member(after, "status").asString("").equals("cancelled")
        ? 0
        : member(after, "passengers").size();
    member(after, "flights").forEach(flight -> addSeats(seats, flight, are));
    return seats;
  }

  private static void addSeats(Map<String, BigDecimal> seats, JsonNode flight, long number) {
    String account =
        flight.path("flight_number").asString("") + " on " + flight.path("date").asString("");
    add(seats, account, BigDecimal.valueOf(number));
  }

  /** What the reservation's history of payments has more than before. */
  private static Map<String, BigDecimal> payments(JsonNode before, Map<String, JsonNode> after) {
    Map<String, BigDecimal> payments = new TreeMap<>();
    int known = before.path("payment_history").size();
    List<JsonNode> history = List.copyOf(member(after, "payment_history").values());
    for (JsonNode payment : history.subList(Math.min(known, history.size()), history.size())) {
      if (payment.path("amount").isNumber()) {
        add(
            payments,
            payment.path("payment_id").asString(""),
            payment.path("amount").decimalValue());
      }
    }
    return payments;
  }

  private static JsonNode member(Map<String, JsonNode> fields, String name) {
    return fields.getOrDefault(name, NOTHING);
  }

  private static void add(Map<String, BigDecimal> amounts, String account, BigDecimal amount) {
    BigDecimal sum = amounts.getOrDefault(account, BigDecimal.ZERO).add(amount);
    if (sum.signum() == 0) {
      amounts.remove(account);
    } else {
      amounts.put(account, sum);
    }
  }
}
