package dev.holdfast.examples.airline;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.EffectTransaction;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.examples.reservation.Order;
import dev.holdfast.examples.reservation.Receipt;
import dev.holdfast.examples.reservation.ReservationService;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Makes the tool calls that change something, each as one effect transaction: first what the reservation service is asked, one operation
 * each, then a step that records in the shared state what was done. Either all of it is done in the end or none, whatever fails and
 * whenever the process dies; and because run and message identify the effect transaction, it is done once. Safe for use by multiple
 * threads and processes.
 */
final class ToolCalls {

  private static final String RECORD = "record";

  private final Holdfast holdfast;
  private final Namespaces namespaces;
  private final Ledger ledger;
  private final ReplayListener listener;

  private ToolCalls(
      Holdfast holdfast, Namespaces namespaces, Ledger ledger, ReplayListener listener) {
    this.holdfast = holdfast;
    this.namespaces = namespaces;
    this.ledger = ledger;
    this.listener = listener;
  }

  /** The tool calls over one library, whose handlers are registered here, once. */
  static ToolCalls over(
      Holdfast holdfast,
      Namespaces namespaces,
      ReservationService service,
      Ledger ledger,
      ReplayListener listener) {
    holdfast
        .effects()
        .register(handler(ServiceCall.CHANGE, service, listener))
        .register(handler(ServiceCall.CHARGE, service, listener))
        .register(handler(ServiceCall.ISSUE, service, listener));
    return new ToolCalls(holdfast, namespaces, ledger, listener);
  }

  private static EffectHandler<Order, Receipt> handler(
      String operation, ReservationService service, ReplayListener listener) {
    return EffectHandler.of(operation, Order.class, Receipt.class)
        .perform((context, order) -> {
          Receipt receipt = service.perform(context.idempotencyKey(), operation, order);
          listener.called(operation);
          return receipt;
        })
        .reconcile((context, order) -> service
            .find(context.idempotencyKey())
            .map(Reconciliation::done)
            .orElseGet(Reconciliation::notDone))
        .compensate((context, order, receipt) -> service.undo(receipt.key(), order.unit()));
  }

  /**
   * Makes a call, goes on with one that was interrupted, or finds out what became of it.
   *
   * @return whether it was made; if not, it was rolled back, as far as that was possible
   * @throws dev.holdfast.effect.EffectRunningException when another process has it, or had it until a moment ago
   */
  boolean isMade(String actor, SharedWrite write) {
    ledger.seed(write);
    AtomicBoolean recorded = new AtomicBoolean();
    try {
      holdfast
          .effects()
          .run(
              namespaces.effect(write.call().tool()),
              write.call().id(),
              effect -> perform(effect, actor, write, recorded));
    } catch (EffectFailedException | EffectRollbackException rolledBack) {
      return false;
    }
    if (recorded.get()) {
      listener.shared(write);
    }
    return true;
  }

  private int perform(
      EffectTransaction effect, String actor, SharedWrite write, AtomicBoolean recorded) {
    List<ServiceCall> calls = ServiceCall.of(write);
    for (ServiceCall call : calls) {
      effect.perform(call.operation(), call.order());
    }
    effect.step(RECORD, tx -> {
      ledger.record(tx, actor, write);
      recorded.set(true);
    });
    return calls.size();
  }
}
