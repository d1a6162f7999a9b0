package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.HoldfastException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SemanticVersionTest {

  /** The order that semver.org gives as its example, and more. */
  private static final List<String> IN_ORDER = List.of(
      "0.9.9",
      "1.0.0-1",
      "1.0.0-2",
      "1.0.0-10",
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-alpha.beta",
      "1.0.0-beta",
      "1.0.0-beta.2",
      "1.0.0-beta.11",
      "1.0.0-rc.1",
      "1.0.0",
      "1.0.1",
      "1.2.0",
      "1.10.0",
      "2.0.0");

  @Test
  void sortsAsTheStandardSays() {
    List<SemanticVersion> versions =
        new ArrayList<>(IN_ORDER.stream().map(SemanticVersion::parse).toList());
    Collections.shuffle(versions, new Random(7));
    Collections.sort(versions);
    assertThat(versions).extracting(SemanticVersion::toString).isEqualTo(IN_ORDER);
  }

  @Test
  void theBuildDoesNotCount() {
    SemanticVersion plain = SemanticVersion.of(1, 2, 3);
    SemanticVersion built = SemanticVersion.parse("1.2.3+5.sha");
    assertThat(built)
        .isEqualTo(plain)
        .hasSameHashCodeAs(plain)
        .isEqualByComparingTo(plain)
        .hasToString("1.2.3+5.sha");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.0",
        "1.0.0.0",
        "01.0.0",
        "1.0.0-",
        "1.0.0-01",
        "1.0.0-a..b",
        "v1.0.0",
        "-1.0.0",
        "1.0.0+"
      })
  void refusesWhatIsNone(String text) {
    assertThatThrownBy(() -> SemanticVersion.parse(text))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("\"" + text + "\"");
  }

  /** As may come from a file of contracts. */
  @Test
  void aLongOneIsNoReasonToOverflow() {
    String words = "a.".repeat(100_000);
    SemanticVersion version = SemanticVersion.parse("1.0.0-" + words + "a+" + words + "a");
    assertThat(version.prerelease()).hasSize(200_001);
    assertThat(version).isEqualTo(SemanticVersion.parse(version.toString()));
    assertThatThrownBy(() -> SemanticVersion.parse("1.0.0-" + words))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("is not a semantic version")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
  }

  @Test
  void readsTheSameMajorVersionUpToItself() {
    SemanticVersion here = SemanticVersion.of(1, 2, 0);
    assertThat(here.reads(SemanticVersion.of(1, 0, 5))).isTrue();
    assertThat(here.reads(here)).isTrue();
    assertThat(here.reads(SemanticVersion.of(1, 2, 1))).isFalse();
    assertThat(here.reads(SemanticVersion.of(2, 0, 0))).isFalse();
    assertThat(here.reads(SemanticVersion.of(0, 9, 0))).isFalse();
  }
}
