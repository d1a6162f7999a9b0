package dev.holdfast.effect.registry;

import static dev.holdfast.effect.registry.TestingCandidates.candidate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Which candidate answers to a name, and why. */
final class HandlerRegistryTest {

  private final HandlerRegistry registry = new HandlerRegistry();

  private String active(String name) {
    return registry.resolve(name).map(Candidate::provider).orElse("none");
  }

  @Test
  void anEmptyRegistryHasNothing() {
    assertThat(registry.resolve("flight.book")).isEmpty();
    assertThat(registry.listActive()).isEmpty();
    assertThat(registry.listShadowed()).isEmpty();
    assertThat(registry.explain("flight.book").places()).isEmpty();
    assertThat(registry.explain("flight.book").active()).isEmpty();
    assertThatThrownBy(() -> registry.getRequired("flight.book"))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HANDLER_MISSING))
        .hasMessageContaining("flight.book");
  }

  @Test
  void aHandlerThatNobodyCouldAskIsRefused() {
    assertThatThrownBy(() -> EffectHandler.of("flight.book", Void.class, String.class))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("flight.book");
  }

  @Test
  void aLoneCandidateIsActive() {
    Candidate lone = candidate("flight.book", "acme");
    registry.register(lone);
    assertThat(registry.resolve("flight.book")).containsSame(lone);
    assertThat(registry.getRequired("flight.book", "acme")).isSameAs(lone);
    assertThat(registry.find(lone.handler())).containsSame(lone);
    assertThat(registry.hasAll(List.of("flight.book@acme"))).isTrue();
    assertThat(registry.hasAll(List.of("flight.book"))).isFalse();
  }

  @Test
  void theProviderOfTheSimplePathIsTheDefault() {
    EffectHandler<String, String> handler = TestingCandidates.handler("flight.book");
    registry.register(handler);
    Candidate found = registry.getRequired("flight.book");
    assertThat(found.provider()).isEqualTo("default");
    assertThat(found.id()).isEqualTo("flight.book");
    assertThat(found.priority()).isZero();
    assertThat(found.stackLevel()).isZero();
    assertThat(found.handler()).isSameAs(handler);
  }

  @Test
  void registrationsAreNumberedWithoutGaps() {
    for (int i = 1; i <= 5; i++) {
      registry.register(candidate(i % 2 == 0 ? "even" : "odd", "p" + i));
    }
    List<Long> numbers = new ArrayList<>();
    for (String name : List.of("odd", "even")) {
      registry.explain(name).places().forEach(place -> numbers.add(place.registered()));
    }
    assertThat(numbers).containsExactly(5L, 3L, 1L, 4L, 2L);
  }

  @Test
  void aProviderCanBeAskedForByName() {
    registry.register(candidate("flight.book", "acme").priority(5));
    Candidate spare = candidate("flight.book", "spare");
    registry.register(spare);
    assertThat(registry.resolve("flight.book", "spare")).containsSame(spare);
    assertThat(registry.resolve("flight.book", "unknown")).isEmpty();
    assertThatThrownBy(() -> registry.getRequired("flight.book", "unknown"))
        .hasMessageContaining("flight.book@unknown")
        .hasMessageContaining("flight.book@acme");
  }

  @Test
  void everyCandidateIsInOneOfTheListsOfItsDomain() {
    registry.register(candidate("flight.book", "a"));
    registry.register(candidate("flight.book", "b"));
    registry.register(candidate("flight.change", "a"));
    registry.register(candidate("flights", "a"));
    registry.register(candidate("hotel.book", "a").priority(1));
    registry.register(candidate("hotel.book", "b"));
    assertThat(registry.listActive("flight"))
        .extracting(Candidate::id)
        .containsExactly("flight.book@b", "flight.change@a");
    assertThat(registry.listShadowed("flight"))
        .extracting(Candidate::id)
        .containsExactly("flight.book@a");
    assertThat(registry.listShadowed("hotel"))
        .extracting(Candidate::id)
        .containsExactly("hotel.book@b");
    assertThat(registry.listActive()).hasSize(4);
    assertThat(registry.listShadowed()).hasSize(2);
  }

  @Test
  void whatIsSelectedBeatsEverything() {
    registry.register(candidate("flight.book", "acme").priority(100).stackLevel(50));
    registry.register(candidate("flight.book", "spare"));
    registry.select(Selection.of(Map.of("flight.book", "spare")));
    assertThat(active("flight.book")).isEqualTo("spare");
    registry.select(Selection.none());
    assertThat(active("flight.book")).isEqualTo("acme");
  }

  @Test
  void aSelectedProviderThatIsMissingIsAnErrorAndNotAnother() {
    registry.register(candidate("flight.book", "acme"));
    registry.select(name -> Optional.of("sandbox"));
    assertThat(registry.resolve("flight.book")).isEmpty();
    assertThat(registry.listActive()).isEmpty();
    assertThat(registry.listShadowed()).hasSize(1);
    assertThat(registry.explain("flight.book").active()).isEmpty();
    assertThatThrownBy(() -> registry.getRequired("flight.book"))
        .hasMessageContaining("provider \"sandbox\" is selected and not registered");
  }

  @Test
  void aSelectionThatFailsIsAnError() {
    registry.register(candidate("flight.book", "acme"));
    registry.select(name -> {
      throw new IllegalStateException("no configuration");
    });
    assertThatThrownBy(() -> registry.resolve("flight.book"))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasRootCauseMessage("no configuration");
  }

  @Test
  void anotherSelectionShowsEverywhere() {
    registry.register(candidate("flight.book", "acme"));
    registry.register(candidate("flight.book", "spare"));
    AtomicReference<String> setting = new AtomicReference<>("acme");
    registry.select(name -> Optional.ofNullable(setting.get()));
    for (String provider : List.of("acme", "spare", "acme")) {
      setting.set(provider);
      assertThat(active("flight.book")).isEqualTo(provider);
      assertThat(registry.listActive()).extracting(Candidate::provider).containsExactly(provider);
      assertThat(registry.listShadowed())
          .extracting(Candidate::provider)
          .doesNotContain(provider)
          .hasSize(1);
      assertThat(registry.explain("flight.book").active())
          .map(Candidate::provider)
          .contains(provider);
    }
  }

  @Test
  void priorityBeatsStackLevelWhichBeatsTheOrder() {
    registry.register(candidate("flight.book", "first").stackLevel(100));
    registry.register(candidate("flight.book", "second").priority(50));
    registry.register(candidate("flight.book", "third"));
    assertThat(active("flight.book")).isEqualTo("second");
    registry.unregister("flight.book", "second");
    assertThat(active("flight.book")).isEqualTo("first");
    registry.register(candidate("flight.book", "fourth").stackLevel(1));
    assertThat(active("flight.book")).isEqualTo("first");
    registry.unregister("flight.book", "first");
    assertThat(active("flight.book")).isEqualTo("fourth");
  }

  @Test
  void ofEqualsTheLastWins() {
    for (String provider : List.of("a", "b", "c")) {
      registry.register(candidate("flight.book", provider));
      assertThat(active("flight.book")).isEqualTo(provider);
    }
    registry.register(candidate("flight.book", "late").priority(-1));
    assertThat(active("flight.book")).isEqualTo("c");
  }

  @Test
  void aNameAndProviderIsTakenUntilItIsUnregistered() {
    registry.register(candidate("flight.book", "acme"));
    assertThatThrownBy(() -> registry.register(candidate("flight.book", "acme").priority(9)))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageContaining("flight.book@acme");
    assertThat(registry.getRequired("flight.book").priority()).isZero();
    assertThat(registry.unregister("flight.book")).as("of the default provider").isFalse();
    assertThat(registry.unregister("flight.book", "acme")).isTrue();
    assertThat(registry.unregister("flight.book", "acme")).isFalse();
    assertThat(registry.listActive()).isEmpty();
    registry.register(candidate("flight.book", "acme"));
    assertThat(registry.explain("flight.book").places().get(0).registered()).isEqualTo(2);
  }

  @Test
  void aNameWithAnAtIsNotTakenForAProvider() {
    registry.register(TestingCandidates.handler("flight.book@acme"));
    assertThat(registry.resolve("flight.book", "acme")).isEmpty();
    assertThat(registry.unregister("flight.book", "acme")).isFalse();
    assertThatThrownBy(() -> registry.register(candidate("flight.book", "acme")))
        .isInstanceOf(HoldfastException.class);
  }

  @Test
  void explainSaysWhyInOrder() {
    registry.register(candidate("flight.book", "a").stackLevel(3));
    registry.register(candidate("flight.book", "b").priority(7));
    registry.register(candidate("flight.book", "c"));
    registry.select(Selection.of(Map.of("flight.book", "c")));
    Ranking ranking = registry.explain("flight.book");
    assertThat(ranking.places())
        .extracting(place -> place.candidate().provider())
        .containsExactly("c", "b", "a");
    assertThat(ranking.places())
        .extracting(Ranking.Place::active)
        .containsExactly(true, false, false);
    assertThat(ranking.places().get(0).reasons())
        .containsExactly(
            "selected by hand", "priority 0", "stack level 0", "registered as number 3");
    assertThat(ranking.places().get(1).reasons())
        .containsExactly(
            "provider c is selected by hand",
            "priority 7",
            "stack level 0",
            "registered as number 2");
    JsonNode json = Json.json(ranking.asMap());
    assertThat(json.get("name").stringValue()).isEqualTo("flight.book");
    assertThat(json.get("candidates").get(2).get("stack_level").intValue()).isEqualTo(3);
    assertThat(json.get("candidates").get(0).get("active").booleanValue()).isTrue();
  }

  @Test
  void candidatesNeverChange() {
    Candidate first = candidate("flight.book", "acme");
    registry.register(first);
    Candidate other = first.priority(7).stackLevel(3).provider("other");
    assertThat(first.priority()).isZero();
    assertThat(first.provider()).isEqualTo("acme");
    assertThat(registry.getRequired("flight.book")).isSameAs(first);
    assertThat(other.id()).isEqualTo("flight.book@other");
    assertThatThrownBy(() -> registry.explain("flight.book").places().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> registry.listActive().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    Candidate sound = candidate("flight.book", "acme").priority(1000).stackLevel(-100);
    assertThat(sound.priority()).isEqualTo(1000);
    for (Runnable wrong : List.<Runnable>of(
        () -> sound.priority(1001),
        () -> sound.priority(-1001),
        () -> sound.stackLevel(101),
        () -> sound.stackLevel(-101),
        () -> sound.provider(""),
        () -> sound.provider("a@b"),
        () -> sound.provider("x".repeat(513)))) {
      assertThatThrownBy(wrong::run)
          .isInstanceOfSatisfying(
              HoldfastException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    }
    assertThatThrownBy(
            () -> registry.register(EffectHandler.of("empty", String.class, String.class)))
        .hasMessageContaining("how it is performed");
  }

  @Test
  void aListenerThatFailsWithAnErrorBreaksNothingEither() {
    List<String> heard = new ArrayList<>();
    registry.addListener(change -> {
      throw new NoClassDefFoundError("some/Listener");
    });
    registry.addListener(
        change -> heard.add(change.kind() + " " + change.candidate().id()));
    registry.register(candidate("flight.book", "acme"));
    assertThat(registry.unregister("flight.book", "acme")).isTrue();
    assertThat(heard)
        .containsExactly("REGISTERED flight.book@acme", "UNREGISTERED flight.book@acme");
  }

  @Test
  void listenersHearOfChangesAndCannotBreakThem() {
    List<String> heard = new ArrayList<>();
    RegistryListener failing = change -> {
      heard.add("failing");
      throw new IllegalStateException("deaf");
    };
    RegistryListener good = change -> {
      boolean active =
          registry.resolve(change.candidate().name()).equals(Optional.of(change.candidate()));
      heard.add(change.kind() + " " + change.candidate().id() + " " + active);
    };
    registry.addListener(failing);
    registry.addListener(good);
    registry.register(candidate("flight.book", "acme"));
    registry.unregister("flight.book", "acme");
    assertThat(heard)
        .containsExactly(
            "failing",
            "REGISTERED flight.book@acme true",
            "failing",
            "UNREGISTERED flight.book@acme false");
    assertThat(registry.removeListener(good)).isTrue();
    assertThat(registry.removeListener(good)).isFalse();
    registry.register(candidate("flight.book", "acme"));
    assertThat(heard).hasSize(5);
    assertThat(active("flight.book")).isEqualTo("acme");
  }

  @Test
  void resolvingAndExplainingAlwaysAgree() {
    Random random = new Random(Seed.next("registry"));
    int selected = 0;
    for (int round = 0; round < 500; round++) {
      HandlerRegistry any = new HandlerRegistry();
      int candidates = random.nextInt(6);
      for (int i = 0; i < candidates; i++) {
        any.register(candidate("name", "p" + i)
            .priority(random.nextInt(3) - 1)
            .stackLevel(random.nextInt(3) - 1));
      }
      if (random.nextBoolean()) {
        any.select(Selection.of(Map.of("name", "p" + random.nextInt(6))));
        selected++;
      }
      Ranking ranking = any.explain("name");
      assertThat(ranking.active()).isEqualTo(any.resolve("name"));
      assertThat(ranking.places()).hasSize(candidates);
      assertThat(any.listActive().size() + any.listShadowed().size()).isEqualTo(candidates);
      assertThat(any.listActive()).isEqualTo(any.resolve("name").stream().toList());
    }
    assertThat(selected).isGreaterThan(100);
  }
}
