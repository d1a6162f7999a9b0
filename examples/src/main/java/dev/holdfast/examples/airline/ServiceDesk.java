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

/**
 * The people who settle what could not be undone. Each rollback failure is retried, now that the service works; what it still refuses is
 * undone by other means and resolved with a note. May be killed at any time: what was undone and not resolved is found undone by the next
 * retry. Confined to one thread.
 */
final class ServiceDesk {

  private static final String PERSON = "service desk";
  private static final int PAGE = 10_000;

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
      RollbackFailure after = failures.retry(failure.id());
      if (after.status() == RollbackFailureStatus.RESOLVED) {
        retried++;
      } else {
        settleByHand(after);
        byHand++;
      }
    }
    return new Settled(retried, byHand);
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
