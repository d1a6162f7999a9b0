package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What was done, and of which an error kept the run from recording how it ended. */
@HoldfastTest
@Tag("G7")
@Tag("G8")
final class UnrecordedOutcomeTest {

  private static final String SECRET = "s3cr3t-text";

  /** With the secrets of {@link #unspeakable} replaced by it, a text is longer than texts can be. */
  private static final String LONG = "x".repeat(1_000_000);

  @AutoClose
  private final TestingEffects testing;

  private final TestingService service = new TestingService();
  private final String id = TestingEffects.newId();

  /** There is no memory to say what is the matter, once it is known that it quotes a secret. */
  private final LinkageError unspeakable = new LinkageError(SECRET.repeat(3_000));

  UnrecordedOutcomeTest(TestDatabase database) {
    this.testing = TestingEffects.on(
        database, settings -> settings.redactor(Redactor.of(Redactor.STANDARD_PATTERNS, LONG)));
  }

  /** What cannot be written as JSON. */
  static final class Unwritable {

    private final Supplier<String> text;

    Unwritable(Supplier<String> text) {
      this.text = text;
    }

    public String getText() {
      return text.get();
    }
  }

  private EffectHandler<Order, Unwritable> booking() {
    return EffectHandler.of("book", Order.class, Unwritable.class).perform((context, order) -> {
      service.call("do " + order.item(), context);
      return new Unwritable(() -> {
        throw unspeakable;
      });
    });
  }

  @BeforeEach
  void register() {
    testing.clear();
    testing
        .effects()
        .register(EffectHandler.of("login", Map.class, String.class)
            .perform((context, request) -> {
              throw unspeakable;
            })
            .uncertainWhen(failure -> false));
  }

  private void run() {
    testing.effects().run("work", id, effect -> {
      assertThatThrownBy(() -> effect.perform("login", Map.of("password", SECRET)))
          .isInstanceOf(EffectFailedException.class);
      return effect.perform("book", new Order("1"));
    });
  }

  @Test
  void isCompensatedWithTheSameKey() {
    testing
        .effects()
        .register(booking()
            .compensate((context, order) -> service.call("undo " + order.item(), context)));

    assertThatThrownBy(this::run).isInstanceOf(OutOfMemoryError.class);

    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(testing.operations(id)).containsExactly("1 login failed", "2 book compensated");
    assertThat(service.calls()).containsExactly("do 1", "undo 1");
    assertThat(service.keys().get(1)).isEqualTo(service.keys().get(0));
  }

  @Test
  void isReconciledWhereThatIsPossible() {
    testing
        .effects()
        .register(booking()
            .compensate((context, order) -> service.call("undo " + order.item(), context))
            .reconcile((context, order) -> {
              service.call("look for " + order.item(), context);
              return Reconciliation.notDone();
            }));

    assertThatThrownBy(this::run).isInstanceOf(OutOfMemoryError.class);

    assertThat(testing.operations(id)).containsExactly("1 login failed", "2 book failed");
    assertThat(service.calls()).isEqualTo(List.of("do 1", "look for 1"));
  }
}
