package dev.holdfast.integration.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Holdfast;
import dev.holdfast.store.State;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Every operation of a state behaves as its plain model does, whatever came before: more than 10,000 random writes, each followed by a random
 * read. Small numbers of deltas between two whole values make every form of storage follow every other.
 */
@HoldfastTest
@Tag("G2")
@Tag("G12")
final class ModelBasedTest {

  private static final int STATES = 4;
  private static final int OPERATIONS = 840;

  private final TestDatabase database;

  ModelBasedTest(TestDatabase database) {
    this.database = database;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 128})
  void behavesAsTheModelDoes(int deltasPerSnapshot) {
    long seed = Seed.next("model-" + deltasPerSnapshot);
    try (Holdfast one = open(deltasPerSnapshot);
        Holdfast other = open(deltasPerSnapshot)) {
      for (int i = 0; i < STATES; i++) {
        String name = deltasPerSnapshot + "-" + i;
        new Walk(seed + i, Fault.NONE, views(one, other, name)).run(OPERATIONS);
      }
    }
  }

  /** The control: with one rule wrong the same comparison fails, and says how to run it again. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void noticesAWrongRule(Fault fault) {
    long seed = Seed.next("control-" + fault);
    try (Holdfast one = open(3);
        Holdfast other = open(3)) {
      Walk walk = new Walk(seed, fault, views(one, other, fault.name()));
      assertThatThrownBy(() -> walk.run(OPERATIONS))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("Seed " + seed)
          .hasMessageContaining("The last ");
    }
  }

  private Holdfast open(int deltasPerSnapshot) {
    Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(2)
        .deltasPerSnapshot(deltasPerSnapshot)
        .build();
    assertThat(holdfast.metrics().sets()).isZero();
    return holdfast;
  }

  private static List<State<JsonNode>> views(Holdfast one, Holdfast other, String name) {
    return List.of(one.state("model", name), other.state("model", name), one.state("model", name));
  }
}
