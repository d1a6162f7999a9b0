package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.effect.StaleLeaseException;
import dev.holdfast.effect.internal.JournalGroup.Fate;
import dev.holdfast.effect.internal.JournalGroup.Outcome;
import dev.holdfast.effect.internal.JournalReader.Abandoned;
import dev.holdfast.effect.internal.JournalState.Head;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Backoff;
import dev.holdfast.store.internal.Session;
import dev.holdfast.store.internal.SqlWork;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Journals in the database. Every method blocks and cannot be interrupted. Safe for use by multiple threads. */
final class JournalStore {

  private final Session session;
  private final JournalSql sql;
  private final JournalReader reader;
  private final LeaseSql leases;
  private final JournalGroup<JournalEntry, EffectStatus> writes;
  private final JournalGroup<Look, Boolean> looks;

  JournalStore(Session session, SchemaName schema) {
    this.session = session;
    this.sql = new JournalSql(schema);
    this.reader = new JournalReader(schema);
    this.leases = new LeaseSql(schema);
    this.writes = new JournalGroup<>(new JournalGroup.Sender<>() {
      @Override
      public Optional<EffectStatus> send(JournalEntry entry) throws SQLException {
        return alone(entry);
      }

      @Override
      public Map<UUID, EffectStatus> sendAll(List<JournalEntry> entries) throws SQLException {
        return run(connection -> sql.writeAll(connection, entries));
      }
    });
    this.looks = new JournalGroup<>(new JournalGroup.Sender<>() {
      @Override
      public Optional<Boolean> send(Look look) throws SQLException {
        return Optional.of(run(connection -> reader.isThere(connection, look.effectId())));
      }

      @Override
      public Map<UUID, Boolean> sendAll(List<Look> looks) throws SQLException {
        List<UUID> effectIds = looks.stream().map(Look::effectId).toList();
        return run(connection -> reader.areThere(connection, effectIds));
      }
    });
  }

  /**
   * Writes, perhaps in one message with what other effect transactions write at the same time, and sends again when the connection is lost:
   * because every write is conditional on the number of writes before it, it is made once, whether the first message arrived, did not, or
   * arrives later.
   *
   * @param fence null for the first write, which creates the row
   * @return the status that the effect transaction has
   * @throws AlreadyBegunException when the first write was not the first
   * @throws StaleLeaseException when another run has taken over
   * @throws dev.holdfast.error.HoldfastException when the database could not be reached for the time of a lease
   */
  EffectStatus send(EffectId effect, Owner owner, @Nullable Fence fence, JournalWrite write) {
    JournalEntry entry = JournalEntry.of(effect, owner, fence, write);
    Backoff backoff = backoff(owner);
    boolean isAlone = false;
    boolean mayHaveLanded = false;
    while (true) {
      try {
        Outcome<EffectStatus> outcome = isAlone ? Outcome.alone(alone(entry)) : writes.send(entry);
        if (outcome.fate() == Fate.DECIDED) {
          Optional<EffectStatus> status = outcome.answer();
          return status.isPresent() ? status.get() : landed(effect, owner, fence, mayHaveLanded);
        }
        mayHaveLanded = outcome.fate() == Fate.IN_DOUBT;
      } catch (SQLException e) {
        if (!isPassing(e) || !backoff.pause()) {
          throw SqlFailure.translate(e, "writing the journal of effect transaction " + effect);
        }
        mayHaveLanded = true;
      }
      isAlone = true;
    }
  }

  private Optional<EffectStatus> alone(JournalEntry entry) throws SQLException {
    Fence fence = entry.fence();
    return run(connection ->
        fence == null ? sql.begin(connection, entry) : sql.write(connection, fence, entry.write()));
  }

  /** Nothing was written: another run was here, or an earlier message of this very write, which there is only when one may have landed. */
  private EffectStatus landed(
      EffectId effect, Owner owner, @Nullable Fence fence, boolean mayHaveLanded)
      throws SQLException {
    Optional<Head> head = run(connection -> reader.look(connection, effect.uuid()));
    if (mayHaveLanded && head.isPresent() && isAfter(head.get(), owner, fence)) {
      return head.get().status();
    }
    if (fence == null) {
      throw new AlreadyBegunException();
    }
    throw new StaleLeaseException(effect, fence.epoch(), null);
  }

  private static boolean isAfter(Head head, Owner owner, @Nullable Fence fence) {
    long revision = fence == null ? 1 : fence.revision() + 1;
    return head.run().equals(owner.run()) && head.revision() == revision;
  }

  private static boolean isPassing(SQLException failure) {
    return switch (SqlFailure.of(failure)) {
      case SERIALIZATION, LOCK_TIMEOUT, CANCELLED, CONNECTION_LOST, UNREACHABLE, RESOURCES -> true;
      case REFUSED, PERMISSION, MISSING_OBJECT, READ_ONLY, OTHER -> false;
    };
  }

  /**
   * Writes as part of a database transaction; false when another run has taken over. A snapshot may be older than an earlier write of this very
   * run. Then nothing is found to be written, and looking with a lock fails as a serialization failure, which has the transaction run again.
   */
  boolean writeIn(Connection connection, Fence fence, JournalWrite write) {
    try {
      if (sql.write(connection, fence, write).isPresent()) {
        return true;
      }
      reader.lookLocked(connection, fence.effectId());
      return false;
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "writing the journal of an effect transaction");
    }
  }

  /**
   * Whether a write that was part of a database transaction in doubt was made; waits until that has ended, and for the database as long as a
   * lease lasts.
   */
  boolean hasLanded(EffectId effect, Owner owner, Fence fence) {
    Backoff backoff = backoff(owner);
    while (true) {
      try {
        Optional<Head> head = run(connection -> reader.lookLocked(connection, effect.uuid()));
        return head.isPresent() && isAfter(head.get(), owner, fence);
      } catch (SQLException e) {
        if (!isPassing(e) || !backoff.pause()) {
          throw SqlFailure.translate(e, "looking what became of a step of " + effect);
        }
      }
    }
  }

  private static Backoff backoff(Owner owner) {
    return Backoff.between(Duration.ofMillis(10), Duration.ofMillis(500), owner.lease());
  }

  Optional<EffectStatus> status(EffectId effect) {
    return read(
            "reading the status of effect transaction " + effect,
            connection -> reader.look(connection, effect.uuid()))
        .map(Head::status);
  }

  /**
   * The journal of an effect transaction that may be there. Most often it is not, which the one row of the effect transaction says for less than
   * the tables of the whole journal, and for several that are looked for at the same time in one message.
   */
  Optional<JournalState> find(EffectId effect) {
    UUID effectId = effect.uuid();
    try {
      boolean isThere = looks.send(new Look(effectId)).answer().orElse(true);
      return isThere ? run(connection -> reader.load(connection, effectId)) : Optional.empty();
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "looking for the journal of effect transaction " + effect);
    }
  }

  /** The journal of an effect transaction that is there. */
  Optional<JournalState> load(EffectId effect) {
    return read(
        "reading the journal of effect transaction " + effect,
        connection -> reader.load(connection, effect.uuid()));
  }

  Optional<Fence> claim(EffectId effect, long epoch, Owner owner, int recoveries) {
    return read(
        "taking over effect transaction " + effect,
        connection -> leases.claim(connection, effect.uuid(), epoch, owner, recoveries));
  }

  Map<UUID, Long> renew(List<Fence> fences, Duration lease) {
    return read(
        "renewing the leases of effect transactions",
        connection -> leases.renew(connection, fences, lease));
  }

  Set<UUID> free(List<Fence> fences) {
    return read("looking which journals are locked", connection -> leases.free(connection, fences));
  }

  void forgetLeases() {
    int unused = read("removing leases of what has ended", leases::forget);
  }

  List<Abandoned> abandoned(@Nullable Abandoned after, int limit) {
    return read(
        "looking for abandoned effect transactions",
        connection -> reader.abandoned(connection, after, limit));
  }

  /** Runs a statement of its own and translates its failure. */
  <T> T read(String doing, SqlWork<T> work) {
    try {
      return run(work);
    } catch (SQLException e) {
      throw SqlFailure.translate(e, doing);
    }
  }

  private <T> T run(SqlWork<T> work) throws SQLException {
    return Uninterrupted.call(() -> session.run(work));
  }

  /** The question whether there is an effect transaction. */
  private record Look(UUID effectId) implements JournalGroup.Request {
    @Override
    public long chars() {
      return 0;
    }
  }
}
