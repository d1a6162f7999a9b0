package dev.holdfast.testkit;

import java.util.ArrayList;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** A PostgreSQL server in a container. */
final class ContainerServer {

  // Docker's own default of 64 MB is less than parallel queries may ask for.
  private static final long SHARED_MEMORY_BYTES = 256L << 20;

  private ContainerServer() {}

  /**
   * Whether a Docker engine answers.
   *
   * @throws IllegalStateException when one does but cannot run the container with which Testcontainers cleans up
   */
  static boolean isDockerAvailable(Settings settings) {
    useDockerApi(settings);
    try {
      return DockerClientFactory.instance().isDockerAvailable();
    } catch (RuntimeException e) {
      throw notStarted(settings, e);
    }
  }

  static PostgresServer start(Settings settings) {
    useDockerApi(settings);
    PostgreSQLContainer container = container(settings);
    try {
      container.start();
    } catch (RuntimeException e) {
      throw notStarted(settings, e);
    }
    String url = "jdbc:postgresql://" + container.getHost() + ":"
        + container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT) + "/"
        + container.getDatabaseName();
    return new PostgresServer(
        new DatabaseAddress(url, container.getUsername(), container.getPassword()),
        container::stop);
  }

  private static IllegalStateException notStarted(Settings settings, RuntimeException cause) {
    return new IllegalStateException(
        "No PostgreSQL container could be started from the image " + settings.image()
            + ": make it and that of Testcontainers' clean-up available, or set "
            + Settings.POSTGRES + " to embedded or to a JDBC URL",
        cause);
  }

  private static PostgreSQLContainer container(Settings settings) {
    PostgreSQLContainer container = new PostgreSQLContainer(
        DockerImageName.parse(settings.image()).asCompatibleSubstituteFor("postgres"));
    container.setCommand(command());
    container.withSharedMemorySize(SHARED_MEMORY_BYTES);
    return container;
  }

  private static String[] command() {
    List<String> command = new ArrayList<>(List.of("postgres"));
    PostgresServer.durableConfig().forEach((name, value) -> {
      command.add("-c");
      command.add(name + "=" + value);
    });
    return command.toArray(String[]::new);
  }

  /** The Docker client reads this property once, when it is first used. */
  private static void useDockerApi(Settings settings) {
    settings.dockerApi().ifPresent(version -> System.setProperty("api.version", version));
  }
}
