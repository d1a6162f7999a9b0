package dev.holdfast.examples.airline;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.examples.airline.Report.Audit;
import dev.holdfast.examples.database.ExampleDatabase;
import dev.holdfast.examples.reservation.Movement;
import dev.holdfast.examples.reservation.Order;
import dev.holdfast.examples.reservation.Order.Unit;
import dev.holdfast.examples.reservation.ReservationService;
import dev.holdfast.examples.reservation.ReservationService.Balance;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compares the reservation service with the journal, call by call and account by account: every operation that the journal says was done
 * stands in the service, nothing else does, and what stands adds up to what the accounts say. Confined to one thread.
 */
final class Books {

  private static final String OPERATIONS = """
      SELECT effect_id || '/' || array_to_string(position, '.'), effect_name || ' ' || id || ': ' || name, status,
        request::text, response IS NULL
      FROM holdfast.effect_operation_summary
      WHERE kind = 'remote' AND effect_name IN (?, ?, ?, ?, ?, ?)
      ORDER BY started_at, effect_id, position
      """;

  private static final Codec<Order> ORDERS = JacksonCodec.of(Order.class);

  private final ExampleDatabase database;
  private final Namespaces namespaces;
  private final ReservationService service;
  private final Map<String, BigDecimal> expected = new HashMap<>();

  Books(ExampleDatabase database, Namespaces namespaces, ReservationService service) {
    this.database = database;
    this.namespaces = namespaces;
    this.service = service;
  }

  /** Looks at everything; the service must be at rest. */
  Audit audit() {
    try {
      Map<String, Boolean> calls = new LinkedHashMap<>(service.calls());
      long standing = 0;
      for (List<String> row : database.rows(OPERATIONS, namespaces.effects())) {
        Boolean stands = calls.remove(row.get(0));
        String difference = difference(row, stands);
        if (difference != null) {
          return broken(difference);
        }
        if (Boolean.TRUE.equals(stands)) {
          standing++;
          expect(Objects.requireNonNull(ORDERS.decode(row.get(3))));
        }
      }
      if (!calls.isEmpty()) {
        return broken("the service has a call " + calls.keySet().iterator().next()
            + ", of which the journal does not know");
      }
      return audit(standing, service.balances());
    } catch (SQLException e) {
      throw new HoldfastException(
          ErrorCode.DATABASE,
          "The books of the reservation service cannot be read: " + e.getMessage());
    }
  }

  /** What is wrong with one operation of the journal; null when nothing is. */
  private static @Nullable String difference(List<String> row, @Nullable Boolean stands) {
    boolean good = switch (row.get(2)) {
      case "succeeded" -> Boolean.TRUE.equals(stands);
      case "failed" -> stands == null;
      // What was never done and never known is compensated, too.
      case "compensated" -> !Boolean.TRUE.equals(stands);
      // Somebody decided to leave it as it is.
      case "skipped" -> stands != null || isTrue(row.get(4));
      // Without an answer nobody knows, and only the service can tell.
      case "compensation_failed" -> Boolean.TRUE.equals(stands) || isTrue(row.get(4));
      default -> false;
    };
    return good
        ? null
        : row.get(1) + " is " + row.get(2) + " in the journal, and in the service "
            + (stands == null ? "it was never done" : stands ? "it stands" : "it is undone");
  }

  private static boolean isTrue(String text) {
    return text.equals("t");
  }

  private void expect(Order order) {
    for (Movement movement : order.movements()) {
      expected.merge(account(order.unit(), movement.account()), movement.amount(), BigDecimal::add);
    }
  }

  private static String account(Unit unit, String name) {
    return unit + " " + name;
  }

  private Audit audit(long standing, List<Balance> balances) {
    Map<Unit, BigDecimal> sums = new HashMap<>();
    for (Balance balance : balances) {
      BigDecimal journal =
          expected.getOrDefault(account(balance.unit(), balance.account()), BigDecimal.ZERO);
      expected.remove(account(balance.unit(), balance.account()));
      if (balance.balance().compareTo(balance.moved()) != 0
          || balance.balance().compareTo(journal) != 0) {
        return broken("account " + balance.account() + " holds " + balance.balance()
            + ", its movements come to " + balance.moved() + ", the journal to " + journal);
      }
      sums.merge(balance.unit(), balance.balance(), BigDecimal::add);
    }
    expected.values().removeIf(amount -> amount.signum() == 0);
    return expected.isEmpty()
        ? new Audit(standing, sum(sums, Unit.SEATS).longValue(), sum(sums, Unit.MONEY), null)
        : broken(
            "the service has no account for " + expected.keySet().iterator().next());
  }

  private static BigDecimal sum(Map<Unit, BigDecimal> sums, Unit unit) {
    return sums.getOrDefault(unit, BigDecimal.ZERO);
  }

  private static Audit broken(String difference) {
    return new Audit(0, 0, BigDecimal.ZERO, difference);
  }
}
