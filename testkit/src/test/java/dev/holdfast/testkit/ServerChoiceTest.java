package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class ServerChoiceTest {

  private static final Map<String, String> NOTHING = Map.of();

  @Test
  void takesAContainerWhereDockerAnswers() {
    assertThat(ServerChoice.from(settings(NOTHING, NOTHING), () -> true))
        .isEqualTo(new ServerChoice(TestEngine.CONTAINER, "in containers"));
  }

  @Test
  void takesAnEmbeddedServerWhereDockerDoesNot() {
    assertThat(ServerChoice.from(settings(NOTHING, NOTHING), () -> false))
        .isEqualTo(new ServerChoice(TestEngine.EMBEDDED, "embedded (no Docker engine answered)"));
  }

  @Test
  void failsWhereContainersAreRequiredAndDockerDoesNotAnswer() {
    Settings settings = settings(NOTHING, Map.of("HOLDFAST_REQUIRE_CONTAINERS", "true"));

    assertThatThrownBy(() -> ServerChoice.from(settings, () -> false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("No Docker engine answered")
        .hasMessageContaining("HOLDFAST_REQUIRE_CONTAINERS=true");
    assertThat(ServerChoice.from(settings, () -> true).engine()).isEqualTo(TestEngine.CONTAINER);
  }

  @Test
  void doesNotAskDockerWhenTheServerIsGiven() {
    assertThat(engine("embedded")).isEqualTo(TestEngine.EMBEDDED);
    assertThat(engine("container")).isEqualTo(TestEngine.CONTAINER);
    assertThat(engine("jdbc:postgresql://db.example/postgres")).isEqualTo(TestEngine.EXTERNAL);
  }

  @Test
  void prefersThePropertyToTheVariable() {
    Map<String, String> variable = Map.of("HOLDFAST_TEST_POSTGRES", "container");

    assertThat(settings(NOTHING, variable).postgres()).isEqualTo("container");
    assertThat(settings(Map.of("holdfast.test.postgres", "embedded"), variable).postgres())
        .isEqualTo("embedded");
    assertThat(settings(Map.of("holdfast.test.postgres", " "), variable).postgres())
        .isEqualTo("container");
  }

  @Test
  void refusesAnUnknownServer() {
    assertThatThrownBy(() -> engine("docker"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"docker\"")
        .hasMessageContaining("auto, container, embedded");
  }

  @Test
  void takesTheImageFromTheEnvironment() {
    assertThat(settings(NOTHING, NOTHING).image()).isEqualTo("postgres:18-alpine");
    assertThat(settings(NOTHING, Map.of("HOLDFAST_TEST_IMAGE", "local/postgres:15"))
            .image())
        .isEqualTo("local/postgres:15");
  }

  private static TestEngine engine(String mode) {
    return ServerChoice.from(settings(Map.of("holdfast.test.postgres", mode), NOTHING), () -> {
          throw new AssertionError("asked Docker");
        })
        .engine();
  }

  private static Settings settings(
      Map<String, String> properties, Map<String, String> environment) {
    return new Settings(properties::get, environment::get);
  }
}
