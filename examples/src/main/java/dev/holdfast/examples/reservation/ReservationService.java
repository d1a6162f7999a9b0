package dev.holdfast.examples.reservation;

import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Sells seats and takes money, in tables of its own. It does what it is asked once for each key, and undoes it once; and it fails as its
 * {@link Outage} says: by refusing, by losing the reply to what it did, by giving no answer, or because a card was closed in the meantime.
 * Safe for use by multiple threads and processes; every call opens a connection of its own and blocks.
 *
 * <p>Every recorded run had a database of its own, so together they sell more than the flights hold. The service counts what is sold and
 * paid since it was opened, and sets no limit.
 */
public final class ReservationService {

  private final DataSource dataSource;
  private final String airline;
  private final Outage outage;

  private ReservationService(DataSource dataSource, String airline, Outage outage) {
    this.dataSource = dataSource;
    this.airline = airline;
    this.outage = outage;
  }

  /**
   * The service; makes its tables if need be.
   *
   * @param airline one of those that it works for, each with accounts of its own
   * @throws SQLException when the database refuses
   */
  public static ReservationService open(DataSource dataSource, String airline, Outage outage)
      throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(ServiceSql.TABLES);
      connection.commit();
    }
    return new ReservationService(dataSource, airline, outage);
  }

  /**
   * Does what is asked, unless it was done under this key before.
   *
   * @throws RefusedException when nothing was done
   * @throws IOException when the reply was lost
   */
  public Receipt perform(String key, String operation, Order order)
      throws SQLException, IOException, RefusedException {
    if (outage.isRefused(key)) {
      throw new RefusedException("the service is overloaded");
    }
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(ServiceSql.PERFORM)) {
      bind(statement, airline, key, operation, order.subject(), unit(order));
      List<Movement> movements = order.movements();
      statement.setArray(
          6,
          connection.createArrayOf(
              "text", movements.stream().map(Movement::account).toArray()));
      statement.setArray(
          7,
          connection.createArrayOf(
              "numeric", movements.stream().map(Movement::amount).toArray()));
      statement.executeUpdate();
    }
    if (outage.isReplyLost(key)) {
      throw new IOException("the connection was reset");
    }
    return new Receipt(key);
  }

  private static String unit(Order order) {
    return order.unit().name().toLowerCase(Locale.ROOT);
  }

  /**
   * The receipt of what was done under a key; empty when nothing was.
   *
   * @throws IOException when the service does not answer
   */
  public Optional<Receipt> find(String key) throws SQLException, IOException {
    if (outage.isSilent(key)) {
      throw new IOException("the service does not answer");
    }
    return isClosed(key).map(closed -> new Receipt(key));
  }

  /**
   * Undoes what was done under a key, unless that is undone already.
   *
   * @throws IOException when the service does not answer
   * @throws RefusedException when it cannot be undone, and never will be
   */
  public void undo(String key, Order.Unit unit) throws SQLException, IOException, RefusedException {
    if (unit == Order.Unit.MONEY && outage.isCardClosed(key)) {
      run(ServiceSql.CLOSE, key);
    }
    if (isClosed(key).orElse(false)) {
      throw new RefusedException("the card is closed");
    }
    if (outage.isNotUndone(key)) {
      throw new IOException("the service does not answer");
    }
    run(ServiceSql.UNDO, key);
  }

  /** Undoes it by other means than the service has, say a bank transfer; does nothing when it is undone already. */
  public void undoByHand(String key) throws SQLException {
    run(ServiceSql.UNDO, key);
  }

  /** All calls by key; whether what was done still stands. */
  public Map<String, Boolean> calls() throws SQLException {
    Map<String, Boolean> calls = new LinkedHashMap<>();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(ServiceSql.CALLS)) {
      bind(statement, airline);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          calls.put(rows.getString(1), rows.getBoolean(2));
        }
      }
    }
    return calls;
  }

  /** What is in all accounts, those that only movements speak of included. */
  public List<Balance> balances() throws SQLException {
    List<Balance> balances = new ArrayList<>();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(ServiceSql.BALANCES)) {
      bind(statement, airline, airline);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          balances.add(new Balance(
              Order.Unit.valueOf(rows.getString(1).toUpperCase(Locale.ROOT)),
              rows.getString(2),
              rows.getBigDecimal(3),
              rows.getBigDecimal(4)));
        }
      }
    }
    return balances;
  }

  private Optional<Boolean> isClosed(String key) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(ServiceSql.FIND)) {
      bind(statement, airline, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(row.getBoolean(1)) : Optional.empty();
      }
    }
  }

  private void run(String sql, String key) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, airline, key);
      statement.executeUpdate();
    }
  }

  private static void bind(PreparedStatement statement, String... texts) throws SQLException {
    for (int i = 0; i < texts.length; i++) {
      statement.setString(i + 1, texts[i]);
    }
  }

  /**
   * An account.
   *
   * @param balance what the account says
   * @param moved what its movements come to
   */
  public record Balance(Order.Unit unit, String account, BigDecimal balance, BigDecimal moved) {}
}
