package dev.holdfast.store.retention;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.StateId;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.Durations;
import dev.holdfast.store.internal.PooledSession;
import dev.holdfast.store.internal.RetentionStore.Head;
import dev.holdfast.store.json.internal.TextRules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Removes history that no version which is kept needs. It connects as a role that may do so ({@code holdfast_retention}), which the running
 * library should not be.
 *
 * <p><b>What is kept.</b> A {@linkplain RetentionPolicy policy} says which versions stay readable; what is older is cleared, exactly as by
 * {@link dev.holdfast.store.State#clearHistoryBefore}, with the same record. Of everything that was cleared, now or earlier, the rows are
 * removed that are needed neither by a version with a tag, nor by a rollback, nor by a fork. Values that were stored as deltas to removed rows
 * become whole values. So the newest version, every version from the oldest readable one on, and every version with a tag read as
 * before. Rows stay, though unreadable, while a consumer of the change feed has not got them, while they are younger than the
 * {@linkplain #grace grace}, and while somebody {@linkplain #protecting holds} them.
 *
 * <p><b>Planning.</b> A plan is a dry run: it changes nothing and counts every row. Running it does what was counted. Rows of a state that only
 * a fork needed are found by the run after the one that removed the fork's references to them.
 *
 * <p><b>Writers</b> go on. Of each state a run locks the row once, for a message of three short statements; it waits for that lock at most 5
 * seconds. Rows are removed in batches, each a transaction with its record, without a lock that a writer wants.
 *
 * <p><b>When it is interrupted</b>, by an exception or the end of the process, what was removed is recorded and nothing is half done. Plan and
 * run again to go on. Two runs at the same time do no harm; a row is counted by the one that removed it.
 *
 * <p>Immutable and safe for use by multiple threads. Planning and running block, and take time by the number of rows that can be
 * removed.
 */
public final class Retention {

  private static final int MAX_REASON_BYTES = 4096;
  private static final int MAX_BATCH = 100_000;
  private static final int STATES_A_PAGE = 1_000;

  private final Sweeper sweeper;
  private final Author author;
  private final int batchSize;
  private final Redactor redactor;

  private Retention(Sweeper sweeper, Author author, int batchSize, Redactor redactor) {
    this.sweeper = sweeper;
    this.author = author;
    this.batchSize = batchSize;
    this.redactor = redactor;
  }

  /**
   * Retention for the states of one schema.
   *
   * @param dataSource connects as a member of {@code holdfast_retention}, or as the owner of the tables; one connection is used at a time
   */
  public static Retention on(DataSource dataSource, SchemaName schema) {
    return new Retention(
        Sweeper.on(new PooledSession(dataSource), schema),
        new Author(null, null),
        1_000,
        Redactor.standard());
  }

  /** The same, recorded as done by this actor, 1 to {@value StateId#MAX_BYTES} bytes. */
  public Retention by(String actor) {
    TextRules.requireText("actor", actor, StateId.MAX_BYTES);
    return new Retention(sweeper, new Author(actor, author.reason()), batchSize, redactor);
  }

  /** The same, recorded with this reason, 1 to 4096 bytes. */
  public Retention because(String reason) {
    TextRules.requireText("reason", reason, MAX_REASON_BYTES);
    return new Retention(sweeper, new Author(author.actor(), reason), batchSize, redactor);
  }

  /** The same, removing about so many rows in a transaction: 1 to 100,000, by default 1,000; fewer where they are exported and 8 MiB or more together. */
  public Retention batchSize(int rows) {
    if (rows < 1 || rows > MAX_BATCH) {
      throw invalid("batchSize is 1 to " + MAX_BATCH + ", not " + rows);
    }
    return new Retention(sweeper, author, rows, redactor);
  }

  /**
   * The same, leaving alone rows that are younger: 0 to 292 years, by default 10 minutes. A write whose connection was lost is looked up in history,
   * so this must be longer than such a write can be in doubt; 0 is for tests.
   */
  public Retention grace(Duration age) {
    return new Retention(
        sweeper.withGrace(Durations.requireCountable("grace", age)), author, batchSize, redactor);
  }

  /** The same, keeping what somebody else needs as well. */
  public Retention protecting(VersionHold hold) {
    return new Retention(sweeper.withHold(hold), author, batchSize, redactor);
  }

  /**
   * The same, hiding sensitive fields in what is exported; {@link Redactor#standard()} by default. What is hidden is gone with the row:
   * whoever has to keep it exports with {@link Redactor#none()}, to a place that may hold secrets.
   */
  public Retention redacting(Redactor hides) {
    return new Retention(sweeper, author, batchSize, hides);
  }

  private static HoldfastException invalid(String message) {
    return new HoldfastException(ErrorCode.INVALID_ARGUMENT, message);
  }

  /** Counts what a run over all states would remove. Changes nothing. */
  public RetentionPlan plan(RetentionPolicy policy) {
    return plan(policy, "", null);
  }

  /** Counts what a run over the states of a namespace would remove. Changes nothing. */
  public RetentionPlan plan(RetentionPolicy policy, String namespace) {
    TextRules.requireText("namespace", namespace, StateId.MAX_BYTES);
    return plan(policy, namespace, namespace);
  }

  /** Counts what a run over one state would remove. Changes nothing. */
  public RetentionPlan plan(RetentionPolicy policy, StateId state) {
    return inOrder(planned(policy, sweeper.state(state)));
  }

  private RetentionPlan plan(RetentionPolicy policy, String first, @Nullable String last) {
    List<Planned> planned = new ArrayList<>();
    List<Head> page = sweeper.states(first, "", last, STATES_A_PAGE);
    while (!page.isEmpty()) {
      planned.addAll(planned(policy, page));
      StateId end = page.get(page.size() - 1).id();
      page = sweeper.states(end.namespace(), end.name(), last, STATES_A_PAGE);
    }
    return inOrder(planned);
  }

  private List<Planned> planned(RetentionPolicy policy, List<Head> states) {
    List<Planned> planned = new ArrayList<>();
    for (Head state : states) {
      StateRemoval removal = sweeper.plan(policy, state);
      if (removal.oldest() > state.oldest() || removal.removed() > 0 || removal.folded() > 0) {
        planned.add(new Planned(state.forkedAt(), removal));
      }
    }
    return planned;
  }

  /** Origins come before their forks, so that no reference goes before its origin was counted and swept. */
  private static RetentionPlan inOrder(List<Planned> planned) {
    return new RetentionPlan(planned.stream()
        .sorted(Comparator.comparing(
            Planned::forkedAt, Comparator.nullsFirst(Comparator.naturalOrder())))
        .map(Planned::removal)
        .toList());
  }

  /**
   * Does what was planned.
   *
   * @throws HoldfastException with {@link ErrorCode#PERMISSION} when the role may not, before anything is changed; with the code of the failure
   *     otherwise, and what was removed until then is recorded
   */
  public RetentionReport run(RetentionPlan plan) {
    return run(plan, RemovalExport.NONE);
  }

  /**
   * Does what was planned, and hands out every row before it is removed.
   *
   * @throws java.io.UncheckedIOException when the export fails; nothing is removed that was not exported
   */
  public RetentionReport run(RetentionPlan plan, RemovalExport export) {
    Run run = new Run(UUID.randomUUID(), author, batchSize, export, redactor);
    sweeper.requireRights();
    List<StateRemoval> done = new ArrayList<>();
    for (StateRemoval planned : plan.states()) {
      done.add(sweeper.run(planned, run));
    }
    return new RetentionReport(run.id(), done);
  }

  private record Planned(@Nullable Instant forkedAt, StateRemoval removal) {}

  /** What all states of a run share. */
  record Run(UUID id, Author author, int batchSize, RemovalExport export, Redactor redactor) {}
}
