package dev.holdfast.effect.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Binder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

  /** Parameters: milliseconds, effect_ids, epochs. */
  private static final String RENEW = """
      UPDATE {schema}.effect_transaction AS t
      SET leased_until = clock_timestamp() + ? * interval '1 millisecond'
      FROM unnest(?::uuid[], ?::bigint[]) AS l (effect_id, epoch)
      WHERE t.effect_id = l.effect_id AND t.epoch = l.epoch AND t.leased_until IS NOT NULL
      RETURNING t.effect_id""";

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

  /** Gives a sign of life for all of these; what is returned could still be renewed. */
  Set<UUID> renew(Connection connection, List<Fence> fences, Duration lease) throws SQLException {
    Set<UUID> renewed = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(renew)) {
      Binder.of(statement)
          .number(lease.toMillis())
          .uuids(fences, Fence::effectId)
          .numbers(fences, Fence::epoch);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          renewed.add(rows.getObject(1, UUID.class));
        }
      }
    }
    return renewed;
  }
}
