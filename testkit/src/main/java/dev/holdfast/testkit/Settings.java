package dev.holdfast.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the system properties and the environment say about the run. Blank counts as absent. Immutable. */
record Settings(
    Function<String, @Nullable String> properties, Function<String, @Nullable String> environment) {

  static final String POSTGRES = "holdfast.test.postgres";
  static final String ROLE = "holdfast.test.role";
  static final String REPORT = "holdfast.test.report";
  static final String SESSION_END = "holdfast.test.session-end-seconds";
  static final String REQUIRE_CONTAINERS = "HOLDFAST_REQUIRE_CONTAINERS";

  private static final String DEFAULT_IMAGE = "postgres:18-alpine";

  /** In seconds. Only a leak waits it out; a busy machine takes its time to end the session of a connection that was closed. */
  private static final String DEFAULT_SESSION_END = "30";

  static Settings ofProcess() {
    return new Settings(System::getProperty, System::getenv);
  }

  /** Which server: {@code auto}, {@code container}, {@code embedded} or a JDBC URL. */
  String postgres() {
    return property(POSTGRES).or(() -> variable("HOLDFAST_TEST_POSTGRES")).orElse("auto");
  }

  /**
   * Whether the library under test connects as a member of the role {@code holdfast_app}, and not as the owner of the tables.
   *
   * @throws IllegalArgumentException when the setting is neither {@code owner} nor {@code app}
   */
  boolean isLibraryRestricted() {
    String role = property(ROLE).orElse("owner");
    return switch (role) {
      case "app" -> true;
      case "owner" -> false;
      default ->
        throw new IllegalArgumentException(
            "The system property " + ROLE + " is owner or app, not \"" + role + "\"");
    };
  }

  /**
   * How long the sessions of a class may take to end after it.
   *
   * @throws NumberFormatException when the setting is no whole number of seconds
   */
  Duration sessionEndLimit() {
    return Duration.ofSeconds(Long.parseLong(property(SESSION_END).orElse(DEFAULT_SESSION_END)));
  }

  String image() {
    return variable("HOLDFAST_TEST_IMAGE").orElse(DEFAULT_IMAGE);
  }

  Optional<String> dockerApi() {
    return variable("HOLDFAST_TEST_DOCKER_API");
  }

  boolean requiresContainers() {
    return variable(REQUIRE_CONTAINERS).filter("true"::equalsIgnoreCase).isPresent();
  }

  /** Where to write the report; empty where nobody asked for one and there is no Maven build folder either. */
  Optional<Path> reportFolder() {
    return property(REPORT)
        .map(Path::of)
        .or(() -> Optional.of(Path.of("target")).filter(Files::isDirectory));
  }

  private Optional<String> property(String name) {
    return present(properties.apply(name));
  }

  private Optional<String> variable(String name) {
    return present(environment.apply(name));
  }

  private static Optional<String> present(@Nullable String value) {
    return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
  }
}
