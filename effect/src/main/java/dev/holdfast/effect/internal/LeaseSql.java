package dev.holdfast.effect.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Binder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The statements about leases; all times are the database's. A run has its first lease in the row of the effect transaction, and gives its signs of
 * life in a row of their own, which no write to the journal touches: the later one of both holds. Safe for use by multiple threads, each with its
 * own connection.
 */
final class LeaseSql {

  /** Whether the lease of the effect transaction {@code t} ran out. */
  static final String RAN_OUT = """
      t.leased_until < clock_timestamp() AND NOT EXISTS (
        SELECT FROM {schema}.effect_lease AS l
        WHERE l.effect_id = t.effect_id AND l.epoch = t.epoch AND l.leased_until >= clock_timestamp())""";

  /**
   * Of several who try one gets it, because the epoch moves. A row that somebody has locked is not waited for: it is still there at the next look.
   *
   * <p>Parameters: owner, process, milliseconds, recoveries, effect_id, epoch.
   */
  private static final String CLAIM = """
      UPDATE {schema}.effect_transaction AS t
      SET epoch = t.epoch + 1, revision = t.revision + 1, owner = ?, process = ?,
          leased_until = clock_timestamp() + ? * interval '1 millisecond', changed_at = clock_timestamp(),
          recoveries = t.recoveries + ?
      FROM (
        SELECT t.effect_id, t.epoch
        FROM {schema}.effect_transaction AS t
        WHERE t.effect_id = ? AND t.epoch = ? AND %s
        FOR NO KEY UPDATE SKIP LOCKED
      ) AS h
      WHERE t.effect_id = h.effect_id AND t.epoch = h.epoch
      RETURNING t.epoch, t.revision""".formatted(RAN_OUT);

  /**
   * In the order of the ids, so that two processes that take each other for the owner of the same ones do not wait for each other in a circle.
   *
   * <p>Parameters: effect_ids, epochs, milliseconds.
   */
  private static final String RENEW = """
      WITH kept AS MATERIALIZED (
        SELECT t.effect_id, l.epoch
        FROM unnest(?::uuid[], ?::bigint[]) AS l (effect_id, epoch)
        JOIN {schema}.effect_transaction AS t
          ON t.effect_id = l.effect_id AND t.epoch = l.epoch AND t.leased_until IS NOT NULL
        ORDER BY t.effect_id
      ), renewed AS (
        INSERT INTO {schema}.effect_lease AS x (effect_id, epoch, leased_until)
        SELECT k.effect_id, k.epoch, clock_timestamp() + ? * interval '1 millisecond'
        FROM kept AS k
        ON CONFLICT ON CONSTRAINT effect_lease_pkey DO UPDATE
        SET epoch = excluded.epoch, leased_until = excluded.leased_until
        WHERE x.epoch <= excluded.epoch
      )
      SELECT k.effect_id, k.epoch FROM kept AS k""";

  /** Parameter: effect_ids. */
  private static final String FREE = """
      SELECT h.effect_id
      FROM unnest(?::uuid[]) AS l (effect_id)
      CROSS JOIN LATERAL (
        SELECT t.effect_id
        FROM {schema}.effect_transaction AS t
        WHERE t.effect_id = l.effect_id
        FOR NO KEY UPDATE SKIP LOCKED
      ) AS h""";

  /**
   * Those of runs that have ended, each looked up by itself (OFFSET 0), since few are alive, however many effect transactions there are. One of a
   * run that died says how long ago, and stays until another takes over.
   */
  private static final String FORGET = """
      DELETE FROM {schema}.effect_lease AS x
      USING (
        SELECT l.effect_id, l.epoch
        FROM {schema}.effect_lease AS l
        WHERE l.leased_until < clock_timestamp() AND NOT EXISTS (
          SELECT FROM {schema}.effect_transaction AS t
          WHERE t.effect_id = l.effect_id AND t.epoch = l.epoch AND t.leased_until IS NOT NULL
          OFFSET 0)
        FOR UPDATE SKIP LOCKED
      ) AS o
      WHERE x.effect_id = o.effect_id AND x.epoch = o.epoch""";

  private final String claim;
  private final String renew;
  private final String free;
  private final String forget;

  LeaseSql(SchemaName schema) {
    this.claim = schema.in(CLAIM);
    this.renew = schema.in(RENEW);
    this.free = schema.in(FREE);
    this.forget = schema.in(FORGET);
  }

  /**
   * Takes over, if the lease ran out and nobody else was faster.
   *
   * @param recoveries how many more times recovery goes on with it
   */
  Optional<Fence> claim(
      Connection connection, UUID effectId, long epoch, Owner owner, int recoveries)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(claim)) {
      Binder.of(statement)
          .uuid(owner.run())
          .text(owner.process())
          .number(owner.lease().toMillis())
          .integer(recoveries)
          .uuid(effectId)
          .number(epoch);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Fence(effectId, row.getLong(1), row.getLong(2)))
            : Optional.empty();
      }
    }
  }

  /**
   * Gives a sign of life. There can be two runs of the same effect transaction among these, of which one at most has its lease.
   *
   * @return the epoch of each that still has its lease
   */
  Map<UUID, Long> renew(Connection connection, List<Fence> fences, Duration lease)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(renew)) {
      Binder.of(statement)
          .uuids(fences, Fence::effectId)
          .numbers(fences, Fence::epoch)
          .number(lease.toMillis());
      return epochs(statement);
    }
  }

  private static Map<UUID, Long> epochs(PreparedStatement statement) throws SQLException {
    Map<UUID, Long> epochs = new HashMap<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        epochs.put(rows.getObject(1, UUID.class), rows.getLong(2));
      }
    }
    return epochs;
  }

  /** Those of these whose rows nobody has locked. */
  Set<UUID> free(Connection connection, List<Fence> fences) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(free)) {
      Binder.of(statement).uuids(fences, Fence::effectId);
      return ids(statement);
    }
  }

  private static Set<UUID> ids(PreparedStatement statement) throws SQLException {
    Set<UUID> ids = new HashSet<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        ids.add(rows.getObject(1, UUID.class));
      }
    }
    return ids;
  }

  /** Removes signs of life that say nothing any more. */
  int forget(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(forget)) {
      return statement.executeUpdate();
    }
  }
}
