package dev.holdfast.store.internal;

import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.store.internal.GroupSql.Way;
import dev.holdfast.store.internal.GroupWriter.Look;
import dev.holdfast.store.internal.Line.Load;
import dev.holdfast.store.internal.Verdict.Again;
import dev.holdfast.store.internal.Verdict.Settled;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends the change sets of several callers in one message, and says what each of them has to do next: whatever fails, those whose change set may
 * have been written look for it, and all others send it again alone. Safe for use by multiple threads.
 */
final class GroupSender {

  private final Session session;
  private final GroupWriter writer;
  private final KnownStates known;

  /**
   * A sender.
   *
   * @param known is told of every state that was found to be there
   */
  GroupSender(Session session, GroupWriter writer, KnownStates known) {
    this.session = session;
    this.writer = writer;
    this.known = known;
  }

  /**
   * Sends a message.
   *
   * @return what each has to do, in order
   */
  List<Duty> send(Load load) {
    Batch batch = load.batch;
    // Removing keys from nothing makes no state.
    Way way = load.line.isLane()
        ? Way.waiting(batch.sets().stream().anyMatch(ChangeSet::createsState), load.isInTurn)
        : Way.SKIP;
    try {
      return duties(batch, way, session.run(connection -> {
        load.sendOn(ServerSession.of(connection));
        return way.isBounded
            ? sendInATurn(connection, load, way)
            : writer.write(connection, batch, way);
      }));
    } catch (SQLException e) {
      return afterFailure(batch, load.sentOn(), e);
    } catch (RuntimeException e) {
      load.trouble = e;
      return Collections.nCopies(load.tickets.size(), load.otherwise());
    }
  }

  /** The turn may be over before the state could be had; then nothing was written. */
  private List<Verdict> sendInATurn(Connection connection, Load load, Way way) throws SQLException {
    try {
      return writer.write(connection, load.batch, way);
    } catch (SQLException e) {
      if (SqlFailure.of(e) != SqlFailure.LOCK_TIMEOUT) {
        throw e;
      }
      UUID state = load.batch.sets().get(0).stateUuid();
      Look look = writer.look(connection, state);
      if (look.ownBound()) {
        throw e;
      }
      if (look.isThere()) {
        known.add(state);
      }
      load.wasInVain = true;
      return Collections.nCopies(load.batch.sets().size(), Again.LATER);
    }
  }

  private static <T> List<T> each(Batch batch, Function<ChangeSet, T> duty) {
    return batch.sets().stream().map(duty).toList();
  }

  private List<Duty> duties(Batch batch, Way way, List<Verdict> verdicts) {
    List<Duty> duties = new ArrayList<>(verdicts.size());
    for (int i = 0; i < verdicts.size(); i++) {
      Verdict verdict = verdicts.get(i);
      if (verdict instanceof Settled settled) {
        known.remember(batch.sets().get(i), settled.outcome());
        duties.add(new Duty.Return(settled.outcome()));
      } else if (verdict == Again.LATER) {
        duties.add(new Duty.TakeNext());
      } else {
        duties.add(way.waits ? Duty.SEND_ALONE : new Duty.TakeLane());
      }
    }
    return duties;
  }

  private static List<Duty> afterFailure(
      Batch batch, @Nullable ServerSession sentOn, SQLException e) {
    boolean interrupted = Thread.currentThread().isInterrupted();
    SqlFailure failure = SqlFailure.of(e);
    if (SqlFailure.leavesInDoubt(e) && sentOn != null) {
      return each(batch, set -> new Duty.Resolve(sentOn, e, interrupted));
    }
    boolean hopeless = failure == SqlFailure.UNREACHABLE || failure == SqlFailure.REFUSED;
    return hopeless && !interrupted
        ? each(
            batch, set -> new Duty.Throw(SqlFailure.translate(e, "writing state " + set.state())))
        : each(batch, set -> Duty.SEND_ALONE);
  }
}
