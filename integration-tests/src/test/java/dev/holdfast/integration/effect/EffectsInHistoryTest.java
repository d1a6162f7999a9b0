package dev.holdfast.integration.effect;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.Effects;
import dev.holdfast.store.State;
import dev.holdfast.store.feed.ChangeEvent;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** History, its SQL and the feed say which effect transaction made a change. */
@HoldfastTest
@Tag("G6")
final class EffectsInHistoryTest {

  private final TestDatabase database;

  @AutoClose
  private final Holdfast holdfast;

  /** A namespace and two effect transactions of each test's own. */
  private final String own = UUID.randomUUID().toString();

  private final UUID good = new EffectId("good", own).uuid();
  private final UUID bad = new EffectId("bad", own).uuid();
  private final State<JsonNode> state;

  EffectsInHistoryTest(TestDatabase database) {
    this.database = database;
    this.holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(4)
        .effects(Effects.Builder::withoutRecovery)
        .build();
    this.state = holdfast.state(own, "trip");
  }

  /** Versions 1 and 4 by nobody, 2 by a step, 3 by a step that is undone by 5. */
  private void write() {
    state.set("phase", json("before"));
    holdfast.effects().run("good", own, effect -> {
      effect.step("step", tx -> tx.state(own, "trip").set("phase", json("good")));
      return true;
    });
    assertThatThrownBy(() -> holdfast.effects().run("bad", own, effect -> {
          effect.step("step", tx -> tx.state(own, "trip").set("phase", json("bad")));
          state.set("other", json(1));
          throw new IllegalStateException("no");
        }))
        .isInstanceOf(EffectFailedException.class);
    assertThat(state.version()).isEqualTo(5);
  }

  private List<Long> versions(History query) {
    return state.history(query).changes().stream().map(Change::version).toList();
  }

  @Test
  void everyChangeOfAStepNamesItsEffect() {
    write();

    assertThat(state.history(History.all()).changes())
        .extracting(change -> change.effectId().orElse(null))
        .containsExactly(bad, null, bad, good, null);
    assertThat(versions(History.all().effect(bad))).containsExactly(5L, 3L);
    assertThat(versions(History.of("phase").effect(good))).containsExactly(2L);
    assertThat(versions(History.of("other").effect(good))).isEmpty();
    assertThat(versions(History.all().effect(bad).versions(4, 5))).containsExactly(5L);
    assertThat(versions(History.all().effect(new UUID(1, 1)))).isEmpty();
  }

  @Test
  void theViewsSayTheSame() {
    write();

    assertThat(database.queryStrings("""
        SELECT version || ' ' || coalesce(effect_id::text, '-')
        FROM holdfast.change_summary JOIN holdfast.change_detail USING (state_id, key, version, effect_id)
        WHERE state_id = '%s' AND effect_id IS NOT NULL
        ORDER BY version""".formatted(state.id().uuid())))
        .containsExactly("2 " + good, "3 " + bad, "5 " + bad);
    assertThat(database.queryStrings("""
        SELECT concat_ws(' ', effect_name, position, phase, name, version, key, operation, payload)
        FROM holdfast.effect_change_summary
        WHERE id = '%1$s' AND namespace = '%1$s'
        ORDER BY version""".formatted(own)))
        .containsExactly(
            "good {1} step trip 2 phase set \"good\"",
            "bad {1} step trip 3 phase set \"bad\"", "bad {1} undo trip 5 phase set \"good\"");
  }

  /** The view asks the journal, the column is in history: neither may know what the other does not. */
  @Test
  void theJournalAndHistoryAgree() {
    write();

    assertThat(database.queryStrings("""
        (SELECT state_id, version, key, effect_id FROM holdfast.change WHERE effect_id IS NOT NULL
         EXCEPT SELECT state_id, version, key, effect_id FROM holdfast.effect_change_summary)
        UNION ALL
        (SELECT state_id, version, key, effect_id FROM holdfast.effect_change_summary
         EXCEPT SELECT state_id, version, key, effect_id FROM holdfast.change WHERE effect_id IS NOT NULL)""")).isEmpty();
  }

  @Test
  void theFeedTellsTheEffect() {
    write();

    // An ANALYZE of the server may keep events back for a while.
    List<ChangeEvent> events = await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                holdfast.changes().poll(own, ChangeFilter.all().namespace(own)).events(),
            polled -> polled.size() == 5);
    assertThat(events)
        .extracting(event -> event.keys().get(0).origin().effectId())
        .containsExactly(null, good, bad, null, bad);
  }
}
