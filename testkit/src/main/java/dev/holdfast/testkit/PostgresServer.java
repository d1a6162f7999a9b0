package dev.holdfast.testkit;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A running server. Immutable.
 *
 * @param address a database in which databases can be created
 * @param stop ends the server; does nothing for one that was not started here
 */
record PostgresServer(DatabaseAddress address, Runnable stop) {

  /** Half an hour off the full hour, with summer time: shows every place that trusts the time zone of the server. */
  static final String TIME_ZONE = "America/St_Johns";

  static PostgresServer start(ServerChoice choice, Settings settings) {
    return switch (choice.engine()) {
      case CONTAINER -> ContainerServer.start(settings);
      case EMBEDDED -> EmbeddedServer.start();
      case EXTERNAL -> new PostgresServer(DatabaseAddress.parse(settings.postgres()), () -> {});
    };
  }

  /** The server settings of the servers that are started here: as durable as in production. */
  static Map<String, String> durableConfig() {
    Map<String, String> config = new LinkedHashMap<>();
    config.put("fsync", "on");
    config.put("synchronous_commit", "on");
    config.put("max_connections", "300");
    config.put("timezone", TIME_ZONE);
    return config;
  }
}
