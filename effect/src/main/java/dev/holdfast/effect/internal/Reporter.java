package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailureListener;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import dev.holdfast.redaction.Redactor;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells of rollback failures, which are durable by then: in the log, in the metrics and at the callback. That they were told is durable
 * too, so that another process tells of those whose process died in between. Safe for use by multiple threads.
 */
final class Reporter {

  private final JournalStore journals;
  private final FailureReader reader;
  private final FailureSql sql;
  private final @Nullable RollbackFailureListener listener;
  private final Log log;
  private final Redactor redactor;
  private final LongAdder told = new LongAdder();

  /** Those that are being told: who is told may take long, and may settle them meanwhile. */
  private final Set<UUID> telling = ConcurrentHashMap.newKeySet();

  Reporter(
      JournalStore journals,
      FailureReader reader,
      FailureSql sql,
      @Nullable RollbackFailureListener listener,
      Logs logs,
      Redactor redactor) {
    this.journals = journals;
    this.reader = reader;
    this.sql = sql;
    this.listener = listener;
    this.log = logs.of(Reporter.class);
    this.redactor = redactor;
  }

  /** How many failures were told. */
  long told() {
    return told.sum();
  }

  /**
   * Tells of those of an effect transaction that were not told yet, and are not being told by this process just now.
   *
   * @return all of them below a scope, in the order in which compensation was attempted
   */
  List<RollbackFailure> report(EffectId effect, Position scope) {
    List<StoredFailure> all = read(effect);
    List<UUID> own = untold(all).map(RollbackFailure::id).filter(telling::add).toList();
    if (!own.isEmpty()) {
      try {
        // Once more: who told them meanwhile may have noted it.
        tell(
            effect,
            untold(read(effect)).filter(failure -> own.contains(failure.id())).toList());
      } finally {
        own.forEach(telling::remove);
      }
    }
    return all.stream()
        .filter(stored -> stored.position().isWithin(scope))
        .map(StoredFailure::failure)
        .toList();
  }

  /** Those of an effect transaction, told or not. */
  List<StoredFailure> read(EffectId effect) {
    return journals.read(
        "reading the rollback failures of " + effect,
        connection -> reader.ofEffect(connection, effect));
  }

  private static Stream<RollbackFailure> untold(List<StoredFailure> failures) {
    return failures.stream().filter(stored -> !stored.reported()).map(StoredFailure::failure);
  }

  private void tell(EffectId effect, List<RollbackFailure> failures) {
    if (failures.isEmpty()) {
      return;
    }
    told.add(failures.size());
    for (RollbackFailure failure : failures) {
      log.error(
          "Rollback failure {}: operation {} ({}) of effect transaction {} could not be compensated, {}: {}",
          failure.id(),
          failure.operation().position(),
          failure.operation().name(),
          effect,
          failure.problem().code(),
          failure.problem().exceptionChain());
    }
    String error = call(effect, failures);
    journals.read("noting that rollback failures of " + effect + " were told", connection -> {
      sql.reported(connection, effect, failures, error);
      return true;
    });
  }

  private @Nullable String call(EffectId effect, List<RollbackFailure> failures) {
    if (listener == null) {
      return null;
    }
    try {
      listener.onRollbackFailure(effect, failures);
      return null;
    } catch (Throwable e) {
      // Also an Error: what calls back is the application's, and it is one of the threads that
      // recover.
      Uninterrupted.handBack(e);
      log.error("The callback for rollback failures of effect transaction {} failed", effect, e);
      return FailureText.of(e, redactor).message();
    }
  }

  /** Tells of failures whose process died before it told of them. */
  void reportForgotten(Duration age) {
    List<EffectId> effects = journals.read(
        "looking for rollback failures that were not told",
        connection -> reader.unreported(connection, age.toMillis()));
    effects.forEach(this::reportQuietly);
  }

  /** One that cannot be told, say because a newer release has written it, keeps no other one from being told. */
  void reportQuietly(EffectId effect) {
    try {
      List<RollbackFailure> unused = report(effect, Position.ROOT);
    } catch (RuntimeException e) {
      log.warn(
          "The rollback failures of {} could not be told; the next attempt follows", effect, e);
    }
  }
}
