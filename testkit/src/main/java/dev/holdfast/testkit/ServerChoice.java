package dev.holdfast.testkit;

import java.util.function.BooleanSupplier;

/**
 * Which server the tests run on. Immutable.
 *
 * @param engine where it runs
 * @param phrase how the closing line of the run says it
 */
record ServerChoice(TestEngine engine, String phrase) {

  /**
   * The choice that the settings make.
   *
   * @param dockerAnswers asked only when the settings leave the choice open
   */
  static ServerChoice from(Settings settings, BooleanSupplier dockerAnswers) {
    String mode = settings.postgres();
    return switch (mode) {
      case "auto" -> automatic(settings, dockerAnswers);
      case "container" -> containers();
      case "embedded" ->
        new ServerChoice(TestEngine.EMBEDDED, "embedded (" + Settings.POSTGRES + " asks for it)");
      default -> external(mode);
    };
  }

  private static ServerChoice automatic(Settings settings, BooleanSupplier dockerAnswers) {
    if (dockerAnswers.getAsBoolean()) {
      return containers();
    }
    if (settings.requiresContainers()) {
      throw new IllegalStateException(
          "No Docker engine answered, and " + Settings.REQUIRE_CONTAINERS
              + "=true forbids an embedded PostgreSQL: start an engine, or set "
              + Settings.POSTGRES
              + " to embedded or to a JDBC URL");
    }
    return new ServerChoice(TestEngine.EMBEDDED, "embedded (no Docker engine answered)");
  }

  private static ServerChoice containers() {
    return new ServerChoice(TestEngine.CONTAINER, "in containers");
  }

  private static ServerChoice external(String mode) {
    if (!mode.startsWith("jdbc:postgresql:")) {
      throw new IllegalArgumentException(Settings.POSTGRES + " is \"" + mode
          + "\": use auto, container, embedded or a URL that begins with jdbc:postgresql:");
    }
    return new ServerChoice(TestEngine.EXTERNAL, "on an external server");
  }
}
