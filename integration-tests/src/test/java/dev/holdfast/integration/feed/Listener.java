package dev.holdfast.integration.feed;

import dev.holdfast.Holdfast;
import dev.holdfast.store.feed.ChangeEvent;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.feed.SubscriptionOptions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

/**
 * A process that consumes the feed: it writes down what it was handed, in the order it was handed, and runs until it is killed. What it
 * wrote down before its position moved is handed over again after a kill. Confined to its process.
 */
final class Listener {

  static final String CONSUMER = "listener";
  static final String NAMESPACE = "feed";

  private Listener() {}

  /** Arguments: JDBC URL, user, password. */
  public static void main(String[] args) throws Exception {
    Holdfast holdfast =
        Holdfast.builder().jdbcUrl(args[0], args[1], args[2]).maximumPoolSize(2).build();
    try (Connection notes = DriverManager.getConnection(args[0], args[1], args[2])) {
      SubscriptionOptions options = SubscriptionOptions.defaults()
          .lease(Duration.ofMillis(500))
          .pollInterval(Duration.ofMillis(5))
          .batchSize(50);
      holdfast
          .changes()
          .subscribe(
              CONSUMER,
              ChangeFilter.all().namespace(NAMESPACE),
              options,
              event -> note(notes, event));
      System.out.println("listening");
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  private static void note(Connection notes, ChangeEvent event) throws SQLException {
    try (PreparedStatement insert =
        notes.prepareStatement("INSERT INTO delivered (name, version) VALUES (?, ?)")) {
      insert.setString(1, event.state().name());
      insert.setLong(2, event.version());
      insert.executeUpdate();
    }
  }
}
