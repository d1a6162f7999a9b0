package dev.holdfast.store.retention;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.StateId;
import dev.holdfast.store.internal.PooledSession;
import dev.holdfast.store.internal.Reader;
import dev.holdfast.store.internal.Reader.VersionAt;
import dev.holdfast.store.internal.RetentionStore;
import dev.holdfast.store.internal.RetentionStore.Head;
import dev.holdfast.store.internal.RetentionStore.Held;
import dev.holdfast.store.internal.SqlWork;
import dev.holdfast.store.internal.Sweep;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Plans and runs retention of one state after the other. Immutable.
 *
 * @param session where statements run
 * @param store the statements
 * @param reader finds versions by time
 * @param grace rows that are younger are left alone
 * @param hold what somebody else needs
 */
record Sweeper(
    PooledSession session, RetentionStore store, Reader reader, Duration grace, VersionHold hold) {

  private static final Duration GRACE = Duration.ofMinutes(10);
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);
  private static final int ROWS_A_PAGE = 5_000;

  static Sweeper on(PooledSession session, SchemaName schema) {
    return new Sweeper(
        session,
        new RetentionStore(schema),
        new Reader(schema),
        GRACE,
        state -> OptionalLong.empty());
  }

  Sweeper withGrace(Duration age) {
    return new Sweeper(session, store, reader, age, hold);
  }

  /** Besides what is held already. */
  Sweeper withHold(VersionHold other) {
    return new Sweeper(session, store, reader, grace, state -> {
      OptionalLong mine = hold.oldestNeeded(state);
      OptionalLong others = other.oldestNeeded(state);
      return mine.isPresent() && others.isPresent()
          ? OptionalLong.of(Math.min(mine.getAsLong(), others.getAsLong()))
          : mine.isPresent() ? mine : others;
    });
  }

  List<Head> states(String namespace, String name, @Nullable String last, int limit) {
    return call(
        "listing states", connection -> store.states(connection, namespace, name, last, limit));
  }

  List<Head> state(StateId id) {
    return call("reading state " + id, connection -> store.state(connection, id));
  }

  StateRemoval plan(RetentionPolicy policy, Head state) {
    long held = needed(state.id());
    long oldest = Math.max(state.oldest(), Math.min(held, oldestWanted(policy, state)));
    long upTo = Math.min(held, settled(state.uuid(), oldest));
    NavigableSet<Long> tagged = call(
        "reading tags of state " + state.id(),
        connection -> store.tagged(connection, state.uuid()));
    Count count = new Count();
    sweep(state.id(), state.uuid(), pins(upTo, tagged), count);
    return new StateRemoval(state.id(), oldest, upTo, count.removed, count.folded);
  }

  private long needed(StateId id) {
    return hold.oldestNeeded(id).orElse(Long.MAX_VALUE);
  }

  /** The oldest version that some rule keeps; without a rule nothing more is cleared. */
  private long oldestWanted(RetentionPolicy policy, Head state) {
    if (policy.versions().isEmpty() && policy.age().isEmpty()) {
      return state.oldest();
    }
    long byNumber = state.version() - policy.versions().orElse(0);
    return policy
        .age()
        .map(age -> Math.min(byNumber, versionBefore(age, state)))
        .orElse(byNumber);
  }

  /** The newest version that is older than this; the oldest one if all that is left is younger. */
  private long versionBefore(Duration age, Head state) {
    VersionAt found = call(
        "finding a version of state " + state.id(),
        connection ->
            reader.versionAt(connection, state.uuid(), store.now(connection).minus(age)));
    return found.cleared() ? state.oldest() : found.version();
  }

  private long settled(UUID state, long oldest) {
    return call(
        "finding what is settled", connection -> store.settled(connection, state, oldest, grace));
  }

  void requireRights() {
    if (!call("looking whether retention is allowed", store::mayRemove)) {
      throw new HoldfastException(
          ErrorCode.PERMISSION,
          "The role of this connection may not remove history; retention connects as a member of holdfast_retention");
    }
  }

  StateRemoval run(StateRemoval planned, Retention.Run run) {
    StateId id = planned.state();
    UUID uuid = id.uuid();
    // Plans may be old, and somebody may have begun what needs history since.
    long oldest = Math.min(planned.oldest(), needed(id));
    Held held = call(
        "clearing history of state " + id,
        connection -> store.hold(connection, uuid, oldest, run.author(), run.id(), LOCK_TIMEOUT));
    long wanted = Math.min(planned.upTo(), needed(id));
    long upTo = Math.min(wanted, settled(uuid, held.oldest()));
    RemovalBatch batch = new RemovalBatch(this, run, id, upTo);
    sweep(id, uuid, pins(upTo, held.tagged()), batch);
    batch.flush();
    return new StateRemoval(id, held.oldest(), upTo, batch.removed(), batch.folded());
  }

  private static NavigableSet<Long> pins(long upTo, NavigableSet<Long> tagged) {
    NavigableSet<Long> pins = new TreeSet<>(tagged.headSet(upTo, false));
    pins.add(upTo);
    return pins;
  }

  private void sweep(StateId id, UUID uuid, NavigableSet<Long> pins, Sweep.Target target) {
    Sweep sweep = new Sweep(pins, target);
    List<Sweep.Row> page = page(id, uuid, pins, null);
    while (!page.isEmpty()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new TransientException(
            "Retention was interrupted at state " + id + "; what was removed is recorded",
            Map.of("state", id.toString()),
            null);
      }
      page.forEach(sweep::accept);
      page =
          page.size() < ROWS_A_PAGE ? List.of() : page(id, uuid, pins, page.get(page.size() - 1));
    }
    sweep.end();
  }

  private List<Sweep.Row> page(
      StateId id, UUID uuid, NavigableSet<Long> pins, Sweep.@Nullable Row after) {
    return call(
        "reading history of state " + id,
        connection -> store.rows(connection, uuid, pins, after, ROWS_A_PAGE));
  }

  <T> T call(String doing, SqlWork<T> work) {
    try {
      return session.run(work);
    } catch (SQLException e) {
      throw SqlFailure.translate(e, doing);
    }
  }

  /** Counts what would be done. */
  private static final class Count implements Sweep.Target {

    private long removed;
    private long folded;

    @Override
    public void remove(String key, List<Long> versions) {
      removed += versions.size();
    }

    @Override
    public void fold(String key, long version, List<Long> before) {
      folded++;
      removed += before.size();
    }
  }
}
