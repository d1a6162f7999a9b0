package dev.holdfast.effect.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Binder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The statements about leases; all times are the database's. Safe for use by multiple threads, each with its own connection. */
final class LeaseSql {

  /** Of several who try one gets it, because the epoch moves. Parameters: owner, process, milliseconds, recoveries, effect_id, epoch. */
  private static final String CLAIM = """
      UPDATE {schema}.effect_transaction AS t
      SET epoch = t.epoch + 1, revision = t.revision + 1, owner = ?, process = ?,
          leased_until = clock_timestamp() + ? * interval '1 millisecond', changed_at = clock_timestamp(),
          recoveries = t.recoveries + ?
      WHERE t.effect_id = ? AND t.epoch = ? AND t.leased_until < clock_timestamp()
      RETURNING t.epoch, t.revision""";

  /**
   * A row that somebody has locked is not waited for, because all others would wait with it. It is the run's own all the same, which a read says.
   *
   * <p>Parameters: effect_ids, epochs, milliseconds.
   */
  private static final String RENEW = """
      WITH l AS MATERIALIZED (
        SELECT l.effect_id, l.epoch
        FROM unnest(?::uuid[], ?::bigint[]) AS l (effect_id, epoch)
      ), held AS MATERIALIZED (
        SELECT h.effect_id, h.epoch
        FROM l
        CROSS JOIN LATERAL (
          SELECT t.effect_id, t.epoch
          FROM {schema}.effect_transaction AS t
          WHERE t.effect_id = l.effect_id AND t.epoch = l.epoch AND t.leased_until IS NOT NULL
          FOR NO KEY UPDATE SKIP LOCKED
        ) AS h
      ), renewed AS (
        UPDATE {schema}.effect_transaction AS t
        SET leased_until = clock_timestamp() + ? * interval '1 millisecond'
        FROM held AS h
        WHERE t.effect_id = h.effect_id AND t.epoch = h.epoch AND t.leased_until IS NOT NULL
        RETURNING t.effect_id
      )
      SELECT t.effect_id, r.effect_id IS NOT NULL
      FROM l
      JOIN {schema}.effect_transaction AS t
        ON t.effect_id = l.effect_id AND t.epoch = l.epoch AND t.leased_until IS NOT NULL
      LEFT JOIN renewed AS r ON r.effect_id = t.effect_id""";

  private final String claim;
  private final String renew;

  LeaseSql(SchemaName schema) {
    this.claim = schema.in(CLAIM);
    this.renew = schema.in(RENEW);
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
   * Gives a sign of life for those of these whose rows nobody has locked.
   *
   * @return those that still have their lease, each with whether it was renewed
   */
  Map<UUID, Boolean> renew(Connection connection, List<Fence> fences, Duration lease)
      throws SQLException {
    Map<UUID, Boolean> kept = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(renew)) {
      Binder.of(statement)
          .uuids(fences, Fence::effectId)
          .numbers(fences, Fence::epoch)
          .number(lease.toMillis());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          kept.put(rows.getObject(1, UUID.class), rows.getBoolean(2));
        }
      }
    }
    return kept;
  }
}
