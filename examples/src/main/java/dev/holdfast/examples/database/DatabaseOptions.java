package dev.holdfast.examples.database;

import dev.holdfast.examples.terminal.InputException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where the database is. Filled by picocli; confined to one thread. */
public final class DatabaseOptions {

  @Option(
      names = "--jdbc-url",
      paramLabel = "URL",
      description = "A database to use, as jdbc:postgresql://host:port/name; the tables are made in"
          + " its schema holdfast.")
  private @Nullable String jdbcUrl;

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description = "Who connects to it. Default: the user of the operating system.")
  private @Nullable String user;

  @Option(
      names = "--password",
      paramLabel = "TEXT",
      description = "The password. Default: that of the environment variable PGPASSWORD.")
  private @Nullable String password;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Without --jdbc-url: the folder of a PostgreSQL that is started for the job and"
          + " keeps its data there. Default: examples/data.")
  private @Nullable Path data;

  /** Whether a server of our own is asked for. */
  public boolean isEmbedded() {
    return jdbcUrl == null;
  }

  /**
   * The folder of the server of our own.
   *
   * @throws InputException when options contradict each other
   */
  Path folder() {
    if (user != null || password != null) {
      throw new InputException("--user and --password need --jdbc-url");
    }
    return data != null ? data : defaultFolder();
  }

  static Path defaultFolder() {
    return Path.of(System.getProperty("holdfast.examples.home", "."), "data");
  }

  /**
   * The address of the server of somebody else.
   *
   * @throws InputException when options contradict each other
   */
  Address address() {
    if (data != null) {
      throw new InputException("--data and --jdbc-url exclude each other");
    }
    return new Address(
        Objects.requireNonNull(jdbcUrl),
        Objects.requireNonNullElseGet(user, () -> System.getProperty("user.name", "postgres")),
        Objects.requireNonNullElseGet(password, DatabaseOptions::passwordOfEnvironment));
  }

  private static String passwordOfEnvironment() {
    return Objects.requireNonNullElse(System.getenv("PGPASSWORD"), "");
  }
}
