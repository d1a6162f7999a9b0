package dev.holdfast.store.cache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.StateStore;
import dev.holdfast.store.cache.internal.WatchLink.Answer;
import dev.holdfast.store.cache.internal.WatchLink.Position;
import dev.holdfast.store.internal.Binder;
import dev.holdfast.store.internal.MadeUpHistory;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the watch asks: that it finds every change once, and what that costs. */
// The rows are made up by SQL, and checking 200,000 of them after each test takes seconds.
@HoldfastTest(invariants = false)
@Tag("G5")
final class WatchLinkTest {

  private static final int ROWS = 200_000;

  private final TestDatabase database;

  WatchLinkTest(TestDatabase database) {
    this.database = database;
  }

  private WatchLink link() throws SQLException {
    return WatchLink.open(database.dataSource(), database.schema(), true);
  }

  @Test
  void readsPositionsAsPostgresWritesThem() {
    assertThat(Position.parse("10:20:", "now")).isEqualTo(new Position("now", 20, List.of()));
    assertThat(Position.parse("10:20:10,14,15", "now"))
        .isEqualTo(new Position("now", 20, List.of(10L, 14L, 15L)));
  }

  @Test
  void tellsEveryChangeOnceHoweverLateItCommits() throws Exception {
    try (StateStore store = StateStore.builder(database.dataSource()).build();
        WatchLink link = link();
        Connection late = database.dataSource().getConnection()) {
      var early = store.state("watch", "early", Integer.class);
      var other = store.state("watch", "late", Integer.class);
      Position position = link.poll(null).position();
      late.setAutoCommit(false);
      store.joinTransaction(late, tx -> tx.state("watch", "late", Integer.class).set("a", 1));
      early.set("a", 1);
      early.set("a", 2);

      Answer first = link.poll(position);
      assertThat(first.newest()).isEqualTo(Map.of(early.id().uuid(), 2L));
      Answer second = link.poll(first.position());
      assertThat(second.newest()).isEmpty();
      assertThat(second.position().open()).isNotEmpty();
      early.set("a", 3);
      late.commit();
      Answer third = link.poll(second.position());
      assertThat(third.newest())
          .isEqualTo(Map.of(early.id().uuid(), 3L, other.id().uuid(), 1L));
      assertThat(link.poll(third.position()).newest()).isEmpty();
      assertThat(third.position().isOfSameServer(position)).isTrue();
    }
  }

  @Test
  void ofAFewStatesTellsThoseThatAreNewerThanKnown() throws Exception {
    try (StateStore store = StateStore.builder(database.dataSource()).build();
        WatchLink link = link();
        Connection late = database.dataSource().getConnection()) {
      var early = store.state("watch", "first of a few", Integer.class);
      var other = store.state("watch", "second of a few", Integer.class);
      UUID never = UUID.randomUUID();
      late.setAutoCommit(false);
      store.joinTransaction(
          late, tx -> tx.state("watch", "second of a few", Integer.class).set("a", 1));
      early.set("a", 1);
      early.set("a", 2);
      store.state("watch", "not asked for", Integer.class).set("a", 1);

      UUID first = early.id().uuid();
      UUID second = other.id().uuid();
      assertThat(link.pollOf(Map.of(first, 0L, second, 0L, never, 0L)).newest())
          .isEqualTo(Map.of(first, 2L));
      assertThat(link.pollOf(Map.of(first, 2L, second, 0L)).newest()).isEmpty();
      Position position = link.pollOf(Map.of()).position();
      late.commit();
      assertThat(link.pollOf(Map.of(first, 1L, second, 0L)).newest())
          .isEqualTo(Map.of(first, 2L, second, 1L));
      assertThat(link.poll(position).newest())
          .as("goes on where those left off")
          .isEqualTo(Map.of(second, 1L));
    }
  }

  /** Among 200,000 of them. */
  @Test
  void looksAFewStatesUpOneByOne() throws Exception {
    database.execute("""
        INSERT INTO holdfast.state (state_id, namespace, name, version, changed_at, created_at)
        SELECT gen_random_uuid(), 'watch', i::text, 1, now(), now() FROM generate_series(1, %d) AS i""".formatted(ROWS));
    database.execute("ANALYZE holdfast.state");
    List<UUID> few = Stream.generate(UUID::randomUUID).limit(1_000).toList();
    String plan = plan(
        WatchLink.heads(database.schema()),
        statement -> Binder.of(statement).uuids(few, id -> id).numbers(few, id -> 0L));

    System.out.println(plan);
    assertThat(plan).doesNotContain("Seq Scan on state").contains("state_pkey");
    assertThat(buffers(plan)).isLessThan(5_000);
  }

  @Test
  void theFirstAnswerTellsNoChanges() throws Exception {
    try (StateStore store = StateStore.builder(database.dataSource()).build();
        WatchLink link = link()) {
      store.state("watch", "before", Integer.class).set("a", 1);
      assertThat(link.poll(null).newest()).isEmpty();
    }
  }

  /** Among 200,000 changes, with a transaction that has been open for all of them. */
  @Test
  void readsTheEndOfHistoryOnly() throws Exception {
    MadeUpHistory.fill(database, ROWS);
    long end = database.queryLong("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
    List<Long> open = LongStream.range(4, 8).boxed().toList();
    String plan = plan(
        WatchLink.changed(database.schema()),
        statement -> Binder.of(statement).number(end).numbers(open, xid -> xid));

    System.out.println(plan);
    assertThat(plan).doesNotContain("Seq Scan on change").contains("change_in_order");
    long pages = database.queryLong("SELECT pg_relation_size('holdfast.change') / 8192");
    assertThat(pages).isGreaterThan(2_000);
    assertThat(buffers(plan)).isLessThan(pages / 3);
  }

  private String plan(String sql, WatchLink.Parameters parameters) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement(
            "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) " + sql)) {
      parameters.bind(statement);
      List<String> lines = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          lines.add(rows.getString(1));
        }
      }
      return String.join("\n", lines);
    }
  }

  /** Of the whole statement, which the first line about buffers tells. */
  private static long buffers(String plan) {
    String line = plan.lines().filter(l -> l.contains("Buffers:")).findFirst().orElseThrow();
    return List.of(line.trim().split("[ =]")).stream()
        .filter(word -> word.matches("\\d+"))
        .mapToLong(Long::parseLong)
        .sum();
  }
}
