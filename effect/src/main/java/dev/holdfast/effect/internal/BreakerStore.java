package dev.holdfast.effect.internal;

import dev.holdfast.effect.breaker.BreakerState;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Binder;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.JacksonCodec;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rows of breakers, and the time of the database as of the last answer. Safe for use by multiple threads; every method but {@link #now}
 * blocks.
 */
final class BreakerStore {

  private static final JacksonCodec<BreakerState> CODEC = JacksonCodec.of(BreakerState.class);

  /** Parameters: names. */
  private static final String READ = """
      SELECT clock_timestamp(), b.name, b.state
      FROM (SELECT 1) AS one
      LEFT JOIN {schema}.breaker AS b ON b.name = ANY (?)""";

  /**
   * A closed breaker counts in each process, so its row is as it was when it closed, and only the epoch can be compared. A row that is
   * older than what this process knows could not be written for a while.
   *
   * <p>Parameters: name, phase, since, epoch, version, state, epoch before, epoch before, version before, process, epoch before.
   */
  private static final String REPLACE = """
      WITH kept AS (
        INSERT INTO {schema}.breaker AS b (name, phase, since, epoch, version, state)
        VALUES (?, ?, ?::timestamptz, ?, ?, ?::json)
        ON CONFLICT ON CONSTRAINT breaker_pkey DO UPDATE
        SET phase = excluded.phase, since = excluded.since, epoch = excluded.epoch, version = excluded.version,
            state = excluded.state, changed_at = clock_timestamp()
        WHERE b.epoch < ? OR b.epoch = ? AND (b.phase = 'closed' OR b.version <= ?)
        RETURNING b.name, b.epoch, b.phase, b.since
      ), transition AS (
        INSERT INTO {schema}.breaker_transition (name, epoch, phase, since, process)
        SELECT k.name, k.epoch, k.phase, k.since, ?
        FROM kept AS k
        WHERE k.epoch <> ?
        ON CONFLICT ON CONSTRAINT breaker_transition_pkey DO NOTHING
      )
      SELECT 1 FROM kept""";

  private final JournalStore journals;
  private final String read;
  private final String replace;
  private final String process;
  private volatile Time time = new Time(Instant.now(), System.nanoTime());

  BreakerStore(JournalStore journals, SchemaName schema, String process) {
    this.journals = journals;
    this.read = schema.in(READ);
    this.replace = schema.in(REPLACE);
    this.process = process;
  }

  private record Time(Instant database, long nanos) {}

  /** The time of the database, reckoned from its last answer. */
  Instant now() {
    Time last = time;
    return last.database().plus(Duration.ofNanos(System.nanoTime() - last.nanos()));
  }

  /** The states of those breakers that have a row. One that cannot be read does not hide the others. */
  Found read(Collection<String> names) {
    return journals.read("reading breakers", connection -> {
      Found found = new Found(new HashMap<>(), new HashMap<>());
      try (PreparedStatement statement = connection.prepareStatement(read)) {
        Binder.of(statement).texts(List.copyOf(names), name -> name);
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            time = new Time(rows.getObject(1, OffsetDateTime.class).toInstant(), System.nanoTime());
            String name = rows.getString(2);
            if (name != null) {
              found.add(name, rows.getString(3));
            }
          }
        }
      }
      return found;
    });
  }

  /**
   * What the rows of breakers say.
   *
   * @param states by name
   * @param failures by name, of those that another version or somebody by hand has written so that they cannot be read here
   */
  record Found(Map<String, BreakerState> states, Map<String, CodecException> failures) {

    /** The state of one, empty when it has none. */
    Optional<BreakerState> state(String name) {
      CodecException failure = failures.get(name);
      if (failure != null) {
        throw failure;
      }
      return Optional.ofNullable(states.get(name));
    }

    private void add(String name, String json) {
      try {
        BreakerState state = CODEC.decode(json);
        if (state != null) {
          states.put(name, state);
        }
      } catch (CodecException e) {
        failures.put(name, e.in("the state of breaker \"" + name + "\""));
      }
    }
  }

  /** Writes a state, if the row is still as it was before; false when another process was faster. */
  boolean replace(String name, BreakerState before, BreakerState after) {
    return journals.read("writing breaker " + name, connection -> {
      try (PreparedStatement statement = connection.prepareStatement(replace)) {
        bind(statement, name, before, after);
        try (ResultSet row = statement.executeQuery()) {
          return row.next();
        }
      }
    });
  }

  private void bind(
      PreparedStatement statement, String name, BreakerState before, BreakerState after)
      throws SQLException {
    Binder.of(statement)
        .text(name)
        .text(SqlName.of(after.phase()))
        .text(after.since().toString())
        .number(after.epoch())
        .number(after.version())
        .text(CODEC.encode(after))
        .number(before.epoch())
        .number(before.epoch())
        .number(before.version())
        .text(process)
        .number(before.epoch());
  }
}
