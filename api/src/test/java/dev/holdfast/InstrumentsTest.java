package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.logging.Logs;
import dev.holdfast.store.activity.Activity;
import dev.holdfast.store.activity.ActivityListener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several who are told of the same: none of them depends on another. */
class InstrumentsTest {

  private final List<String> told = new ArrayList<>();

  private ActivityListener telling(String name) {
    return activity -> {
      told.add("> " + name);
      return failure -> told.add("< " + name);
    };
  }

  private void tell(ActivityListener... listeners) {
    new Instruments(null, List.of(listeners), Logs.standard())
        .listener()
        .orElseThrow()
        .begun(Activity.ofState("get", "trips"))
        .ended(null);
  }

  @Test
  void theEndsComeInTheOppositeOrder() {
    tell(telling("a"), telling("b"));
    assertThat(told).containsExactly("> a", "> b", "< b", "< a");
  }

  @Test
  void whoFailsAtTheBeginningKeepsNothingFromTheOthers() {
    tell(
        telling("a"),
        activity -> {
          throw new AssertionError("at the beginning");
        },
        telling("b"),
        activity -> {
          throw new IllegalStateException("at the beginning");
        },
        telling("c"));
    assertThat(told).containsExactly("> a", "> b", "> c", "< c", "< b", "< a");
  }

  @Test
  void whoFailsAtTheEndKeepsNothingFromTheOthers() {
    tell(
        telling("a"),
        activity -> failure -> {
          throw new AssertionError("at the end");
        },
        telling("b"),
        activity -> failure -> {
          throw new IllegalStateException("at the end");
        });
    assertThat(told).containsExactly("> a", "> b", "< b", "< a");
  }
}
