package dev.holdfast.effect;

import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The outside world: writes down every call, and fails those that it was told to. Safe for use by multiple threads. */
final class TestingService {

  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final List<String> keys = new CopyOnWriteArrayList<>();
  private final Map<String, Exception> failures = new ConcurrentHashMap<>();

  record Order(String item) {}

  record Receipt(String number) {}

  /** A handler whose operations can be undone. */
  EffectHandler<Order, Receipt> handler(String name) {
    return withoutCompensation(name)
        .compensate((context, order, receipt) ->
            call("undo " + order.item() + " " + receipt.number(), context));
  }

  EffectHandler<Order, Receipt> withoutCompensation(String name) {
    return EffectHandler.of(name, Order.class, Receipt.class).perform((context, order) -> {
      call("do " + order.item(), context);
      return new Receipt("#" + order.item());
    });
  }

  void call(String call, @Nullable EffectContext context) throws Exception {
    calls.add(call);
    if (context != null) {
      keys.add(context.idempotencyKey());
    }
    Exception failure = failures.get(call);
    if (failure != null) {
      throw failure;
    }
  }

  /** From now on a call fails. */
  TestingService failing(String call, Exception failure) {
    failures.put(call, failure);
    return this;
  }

  void repaired(String call) {
    failures.remove(call);
  }

  List<String> calls() {
    return List.copyOf(calls);
  }

  /** The idempotency key of each call. */
  List<String> keys() {
    return List.copyOf(keys);
  }
}
