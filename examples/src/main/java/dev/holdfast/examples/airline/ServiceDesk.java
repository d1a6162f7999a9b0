package dev.holdfast.examples.airline;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.effect.rollback.RollbackFailures;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.examples.airline.Report.Settled;
import dev.holdfast.examples.reservation.ReservationService;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The people who settle what could not be undone. Each rollback failure is retried, now that the service works; what it still refuses is
 * undone by other means and resolved with a note. May be killed at any time: what was undone and not resolved is found undone by the next
 * retry. Confined to one thread.
 */
final class ServiceDesk {

  private static final String PERSON = "service desk";
  private static final int PAGE = 10_000;
  private static final int PAUSE_MILLIS = 100;

  /** Three times the lease. */
  private static final int MAX_PAUSES = 150;

  private final RollbackFailures failures;
  private final Namespaces namespaces;
  private final ReservationService service;

  ServiceDesk(Holdfast holdfast, Namespaces namespaces, ReservationService service) {
    this.failures = holdfast.effects().rollbackFailures();
    this.namespaces = namespaces;
    this.service = service;
  }

  /** Settles all that is open. */
  Settled settle() {
    int retried = 0;
    int byHand = 0;
    for (RollbackFailure failure : open()) {
      RollbackFailure after = retried(failure.id());
      if (after.status() == RollbackFailureStatus.OPEN) {
        settleByHand(after);
        byHand++;
      } else {
        retried++;
      }
    }
    return new Settled(retried, byHand);
  }

  /** Another process may be at it, or have died over it: then its lease has to run out first. */
  private RollbackFailure retried(UUID id) {
    for (int pauses = 0; ; pauses++) {
      try {
        return failures.retry(id);
      } catch (HoldfastException e) {
        RollbackFailure now = failures.find(id).orElseThrow();
        if (isSettled(now)) {
          return now;
        }
        if (e.code() != ErrorCode.EFFECT_RUNNING || pauses == MAX_PAUSES) {
          throw e;
        }
        pause(e);
      }
    }
  }

  private static boolean isSettled(RollbackFailure failure) {
    return failure.status() == RollbackFailureStatus.RESOLVED
        || failure.status() == RollbackFailureStatus.SKIPPED;
  }

  private static void pause(HoldfastException reason) {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw reason;
    }
  }

  private List<RollbackFailure> open() {
    Set<String> names = Set.of(namespaces.effects());
    return failures.open(PAGE).stream()
        .filter(failure -> names.contains(failure.effect().name()))
        .toList();
  }

  private void settleByHand(RollbackFailure failure) {
    try {
      service.undoByHand(failure.idempotencyKey());
    } catch (SQLException e) {
      throw new HoldfastException(
          ErrorCode.DATABASE, "The reservation service cannot be reached: " + e.getMessage());
    }
    failures.resolve(
        failure.id(), "given back by bank transfer: " + failure.problem().message(), PERSON);
  }
}
