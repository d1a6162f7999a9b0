package dev.holdfast.integration.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Holdfast;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.State;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * A write whose connection breaks is reported as what it became: a version that is there exactly once, or a {@link TransientException} and
 * nothing was written, then or later.
 */
@HoldfastTest
@Tag("G4")
final class LostConnectionTest {

  private static final List<Cut> CUTS =
      List.of(Cut.BEFORE_REQUEST, Cut.AFTER_REQUEST, Cut.BEFORE_REPLY);
  private static final int ROUNDS = 4;

  private final TestingProxy proxy;
  private final Holdfast holdfast;

  LostConnectionTest(TestDatabase database) {
    this.proxy = TestingProxy.to(database);
    this.holdfast = Holdfast.builder()
        .jdbcUrl(proxy.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(3)
        .build();
  }

  @BeforeEach
  void writeOnce() {
    for (Write write : Write.values()) {
      state(write).set("before", Json.json("the test"));
      state(write).set("list", Json.json(List.of()));
    }
  }

  @AfterEach
  void close() {
    holdfast.close();
    proxy.close();
  }

  private static boolean isWrite(String sql) {
    return sql.contains("INSERT INTO holdfast.change");
  }

  private static boolean isLook(String sql) {
    return sql.contains("c.transaction_id = $2");
  }

  private State<JsonNode> state(Write write) {
    return holdfast.state("lost", write.name());
  }

  @Test
  void everyOutcomeIsReportedRight() {
    long seed = Seed.next("lost-connection");
    Map<String, Report> reports = new LinkedHashMap<>();
    Map<Cut, Integer> landed = new EnumMap<>(Cut.class);
    List<Case> cases = shuffledCases(new Random(seed));
    for (int i = 0; i < cases.size(); i++) {
      String actor = "cut-" + i;
      Report report = new Report(cases.get(i).write(), attempt(cases.get(i), actor));
      reports.put(actor, report);
      check(actor, report);
      landed.merge(cases.get(i).cut(), report.version().isPresent() ? 1 : 0, Integer::sum);
    }
    System.out.println(cases.size() + " cuts; landed although the reply was lost: " + landed);
    reports.forEach(this::check);
    // The control: without it the test could not tell a lost reply from a lost request.
    assertThat(landed)
        .containsEntry(Cut.BEFORE_REQUEST, 0)
        .containsEntry(Cut.BEFORE_REPLY, Write.values().length * ROUNDS);
  }

  private static List<Case> shuffledCases(Random random) {
    List<Case> cases = new ArrayList<>();
    for (Write write : Write.values()) {
      for (Cut cut : CUTS) {
        cases.addAll(Collections.nCopies(ROUNDS, new Case(write, cut)));
      }
    }
    Collections.shuffle(cases, random);
    return cases;
  }

  /** The version that the call reported, or nothing when it said that nothing was written; any other exception fails the test. */
  private OptionalLong attempt(Case wanted, String actor) {
    proxy.cutNext(wanted.cut(), LostConnectionTest::isWrite);
    try {
      long version = wanted.write().run(state(wanted.write()).by(actor), actor);
      return OptionalLong.of(version);
    } catch (TransientException e) {
      return OptionalLong.empty();
    } finally {
      assertThat(proxy.isArmed()).as("the cut happened, %s", wanted).isFalse();
    }
  }

  /** The change sets of one actor: none, or one with the version that was reported. */
  private void check(String actor, Report report) {
    List<Long> versions =
        state(report.write()).history(History.all().by(actor).limit(1000)).changes().stream()
            .map(Change::version)
            .distinct()
            .toList();
    assertThat(versions)
        .as("versions by %s with %s", actor, report.write())
        .isEqualTo(report.version().stream().boxed().toList());
  }

  /** The connection with which Holdfast looks what became of the write is lost as well. */
  @ParameterizedTest
  @EnumSource(Write.class)
  void looksAgainWhenLookingIsCutToo(Write write) {
    String actor = "twice-" + write;
    proxy.cutNext(Cut.BEFORE_REPLY, LostConnectionTest::isWrite);
    proxy.cutNext(Cut.BEFORE_REQUEST, LostConnectionTest::isLook);
    proxy.cutNext(Cut.BEFORE_REPLY, LostConnectionTest::isLook);

    long version = write.run(state(write).by(actor), actor);

    assertThat(proxy.isArmed()).isFalse();
    check(actor, new Report(write, OptionalLong.of(version)));
  }

  /**
   * The network holds a request back, the client gives up on the connection, and only then does the server get the request. Either the
   * write is reported as done, or it must never happen.
   */
  @ParameterizedTest
  @EnumSource(Write.class)
  void aRequestThatArrivesLateWritesNothingAnyMore(Write write) {
    String actor = "late-" + write;
    proxy.cutNext(Cut.BEFORE_LATE_REQUEST, LostConnectionTest::isWrite);

    assertThatThrownBy(() -> write.run(state(write).by(actor), actor))
        .isInstanceOf(TransientException.class);
    check(actor, new Report(write, OptionalLong.empty()));
    proxy.deliver();

    check(actor, new Report(write, OptionalLong.empty()));
  }

  private record Case(Write write, Cut cut) {}

  /** What a call said: the version that it made, or that nothing was written. */
  private record Report(Write write, OptionalLong version) {}

  /** The calls that write, each returning the version that it made. */
  enum Write {
    SET {
      @Override
      long run(State<JsonNode> state, String actor) {
        return state.set("set", Json.json(actor));
      }
    },
    UPDATE {
      @Override
      long run(State<JsonNode> state, String actor) {
        return state.update(Map.of("one", Json.json(actor), "two", Json.json(actor)));
      }
    },
    APPEND {
      @Override
      long run(State<JsonNode> state, String actor) {
        return state.append("list", actor);
      }
    },
    COMPUTE {
      @Override
      long run(State<JsonNode> state, String actor) {
        long before = state.version();
        state.compute("computed", value -> Json.json(actor));
        return before + 1;
      }
    },
    ROLLBACK {
      @Override
      long run(State<JsonNode> state, String actor) {
        return state.rollback(state.version() - 1);
      }
    };

    abstract long run(State<JsonNode> state, String actor);
  }
}
