package dev.holdfast.integration.effect;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.Effects;
import dev.holdfast.store.State;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
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

  private static final UUID GOOD = new EffectId("work", "good").uuid();
  private static final UUID BAD = new EffectId("work", "bad").uuid();

  private final TestDatabase database;

  @AutoClose
  private final Holdfast holdfast;

  private final State<JsonNode> state;

  EffectsInHistoryTest(TestDatabase database) {
    this.database = database;
    this.holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(4)
        .effects(Effects.Builder::withoutRecovery)
        .build();
    this.state = holdfast.state("effects", "trip");
  }

  /** Versions 1 and 4 by nobody, 2 by a step, 3 by a step that is undone by 5. */
  private void write() {
    state.set("phase", json("before"));
    holdfast.effects().run("work", "good", effect -> {
      effect.step("good", tx -> tx.state("effects", "trip").set("phase", json("good")));
      return true;
    });
    assertThatThrownBy(() -> holdfast.effects().run("work", "bad", effect -> {
          effect.step("bad", tx -> tx.state("effects", "trip").set("phase", json("bad")));
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
        .containsExactly(BAD, null, BAD, GOOD, null);
    assertThat(versions(History.all().effect(BAD))).containsExactly(5L, 3L);
    assertThat(versions(History.of("phase").effect(GOOD))).containsExactly(2L);
    assertThat(versions(History.of("other").effect(GOOD))).isEmpty();
    assertThat(versions(History.all().effect(BAD).versions(4, 5))).containsExactly(5L);
    assertThat(versions(History.all().effect(new UUID(1, 1)))).isEmpty();
  }

  @Test
  void theViewsSayTheSame() {
    write();

    assertThat(database.queryStrings("""
        SELECT version || ' ' || coalesce(effect_id::text, '-')
        FROM holdfast.change_summary JOIN holdfast.change_detail USING (state_id, key, version, effect_id)
        WHERE state_id = holdfast.state_id('effects', 'trip') AND effect_id IS NOT NULL
        ORDER BY version""")).containsExactly("2 " + GOOD, "3 " + BAD, "5 " + BAD);
    assertThat(database.queryStrings("""
        SELECT concat_ws(' ', effect_name, id, position, phase, namespace, name, version, key, operation, payload)
        FROM holdfast.effect_change_summary
        ORDER BY version"""))
        .containsExactly(
            "work good {1} step effects trip 2 phase set \"good\"",
            "work bad {1} step effects trip 3 phase set \"bad\"",
            "work bad {1} undo effects trip 5 phase update \"good\"");
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

    assertThat(holdfast.changes().poll("reader", ChangeFilter.all()).events())
        .extracting(event -> event.keys().get(0).origin().effectId())
        .containsExactly(null, GOOD, BAD, null, BAD);
  }
}
