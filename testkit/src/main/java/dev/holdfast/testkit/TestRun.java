package dev.holdfast.testkit;

import java.util.concurrent.atomic.AtomicInteger;

/** All tests of one JVM: their server, and how many there were. Safe for use by several threads. */
final class TestRun implements AutoCloseable {

  private final Settings settings;
  private final ServerChoice choice;
  private final PostgresServer server;
  private final Databases databases;
  private final String serverVersion;
  private final AtomicInteger tests = new AtomicInteger();

  private TestRun(Settings settings, ServerChoice choice, PostgresServer server) {
    this.settings = settings;
    this.choice = choice;
    this.server = server;
    this.databases = Databases.on(server.address(), settings);
    this.serverVersion = databases.serverVersion();
  }

  /** Starts the server that the settings ask for and creates the migrated template on it. */
  static TestRun start(Settings settings) {
    ServerChoice choice =
        ServerChoice.from(settings, () -> ContainerServer.isDockerAvailable(settings));
    PostgresServer server = PostgresServer.start(choice, settings);
    try {
      return new TestRun(settings, choice, server);
    } catch (RuntimeException e) {
      server.stop().run();
      throw e;
    }
  }

  void countTest() {
    tests.incrementAndGet();
  }

  Databases databases() {
    return databases;
  }

  TestEngine engine() {
    return choice.engine();
  }

  String serverVersion() {
    return serverVersion;
  }

  @Override
  public void close() {
    try {
      new RunReport(choice, tests.get(), serverVersion).publish(settings.reportFolder());
      databases.dropAll();
    } finally {
      server.stop().run();
    }
  }
}
