package dev.holdfast.integration.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Holdfast;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Sixteen writers commit after random delays while a consuming process is killed and started again: every change set is delivered at least
 * once, those of a state in order, none is skipped. A cursor that follows transaction numbers as if they were committed in order reads the
 * same tables at the same time and must skip some, or the load was too tame to prove anything.
 */
@HoldfastTest
final class FeedUnderLoadTest {

  private static final int WRITERS = 16;
  private static final int STATES = 12;
  private static final int KILLS = 3;
  private static final Duration LOAD = Duration.ofSeconds(8);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TestDatabase database;

  FeedUnderLoadTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void everyChangeSetIsDeliveredInOrderAndNoneIsSkipped() throws Exception {
    database.execute("""
        CREATE TABLE delivered (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, version bigint);
        GRANT ALL ON delivered TO PUBLIC""");
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1);
    long seed = Seed.next("feed-under-load");
    try (Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(WRITERS + 2)
        .build()) {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        Random random = new Random(seed + i);
        writers.add(threads.submit(() -> {
          write(holdfast, random, over);
          return true;
        }));
      }
      Future<Set<String>> naive = threads.submit(() -> followNaively(over));
      listenAndKill(new Random(seed - 1));
      over.set(true);
      for (Future<?> writer : writers) {
        writer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
      Set<String> skipped = written();
      int total = skipped.size();
      assertThat(total).as("change sets written").isGreaterThan(500);
      listenUntilAllIsDelivered(holdfast);

      requireInOrder();
      skipped.removeAll(naive.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
      assertThat(skipped).as("what the naive cursor skipped of %s", total).isNotEmpty();
      System.out.println(total + " change sets delivered through " + KILLS
          + " kills; a naive cursor skipped " + skipped.size() + "; delivered twice: "
          + (database.queryLong("SELECT count(*) FROM delivered") - total));
    } finally {
      over.set(true);
      threads.shutdownNow();
    }
  }

  private static void write(Holdfast holdfast, Random random, AtomicBoolean over)
      throws InterruptedException {
    while (!over.get()) {
      holdfast.<Long, InterruptedException>transaction(Isolation.READ_COMMITTED, tx -> {
        int states = 1 + random.nextInt(2);
        int first = random.nextInt(STATES);
        long version = 0;
        // In one order, so that nobody waits for a deadlock to be broken.
        for (int i = 0; i < states && first + i < STATES; i++) {
          version = tx.state(Listener.NAMESPACE, "s" + (char) ('a' + first + i)).increment("n", 1);
          Thread.sleep(random.nextInt(15));
        }
        return version;
      });
    }
  }

  /** Follows transaction numbers as they appear. */
  private Set<String> followNaively(AtomicBoolean over) throws SQLException {
    Set<String> seen = new HashSet<>();
    long cursor = 0;
    try (Connection connection = connect();
        PreparedStatement next = connection.prepareStatement(
            "SELECT s.name || ' ' || c.version, c.xid::text::bigint FROM holdfast.change AS c"
                + " JOIN holdfast.state AS s ON s.state_id = c.state_id"
                + " WHERE s.namespace = 'feed' AND c.xid::text::bigint > ? ORDER BY 2")) {
      boolean last = false;
      while (!last) {
        last = over.get();
        next.setLong(1, cursor);
        try (ResultSet rows = next.executeQuery()) {
          while (rows.next()) {
            seen.add(rows.getString(1));
            cursor = rows.getLong(2);
          }
        }
      }
    }
    return seen;
  }

  private void listenAndKill(Random random) throws InterruptedException {
    long end = System.nanoTime() + LOAD.toNanos();
    for (int kill = 0; kill < KILLS; kill++) {
      try (ChildJvm listener = listen()) {
        long before = database.queryLong("SELECT count(*) FROM delivered");
        await()
            .atMost(PATIENCE)
            .until(() -> database.queryLong("SELECT count(*) FROM delivered") > before);
        Thread.sleep(random.nextInt(500));
        listener.kill();
      }
    }
    Thread.sleep(Math.max(0, (end - System.nanoTime()) / 1_000_000));
  }

  private ChildJvm listen() {
    ChildJvm listener = ChildJvm.start(
        Listener.class, database.jdbcUrl(), database.libraryUser(), database.libraryPassword());
    listener.readLineMatching("listening", PATIENCE);
    return listener;
  }

  private void listenUntilAllIsDelivered(Holdfast holdfast) {
    try (ChildJvm listener = listen()) {
      await()
          .atMost(PATIENCE)
          .until(() -> holdfast.changes().lag(Listener.CONSUMER).changes() == 0);
      assertThat(listener.isAlive()).isTrue();
    }
    Set<String> missing = written();
    missing.removeAll(new HashSet<>(
        database.queryStrings("SELECT DISTINCT name || ' ' || version FROM delivered")));
    assertThat(missing).as("never delivered").isEmpty();
  }

  private Set<String> written() {
    return new HashSet<>(
        database.queryStrings("SELECT DISTINCT s.name || ' ' || c.version FROM holdfast.change AS c"
            + " JOIN holdfast.state AS s ON s.state_id = c.state_id WHERE s.namespace = 'feed'"));
  }

  /** A version comes after the one before it was delivered at least once. */
  private void requireInOrder() {
    assertThat(database.queryStrings("""
        WITH first AS (
          SELECT name, version, min(id) AS id FROM delivered GROUP BY name, version
        )
        SELECT f.name || ' ' || f.version
        FROM first AS f
        LEFT JOIN first AS b ON b.name = f.name AND b.version = f.version - 1
        WHERE f.version > 1 AND (b.id IS NULL OR b.id > f.id)"""))
        .as("delivered before the version below")
        .isEmpty();
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
  }
}
