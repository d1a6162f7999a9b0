package dev.holdfast.benchmarks.server;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The version of the server and the settings that decide how fast it is. Immutable.
 *
 * @param version as in {@code 18.6}
 * @param settings in a fixed order
 */
public record ServerFacts(String version, Map<String, String> settings) {

  private static final List<String> SETTINGS = List.of(
      "fsync",
      "synchronous_commit",
      "full_page_writes",
      "wal_level",
      "wal_compression",
      "data_checksums",
      "shared_buffers",
      "default_toast_compression",
      "jit",
      "autovacuum");

  /** Copies the settings. */
  public ServerFacts {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  static ServerFacts read(Sql sql) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String name : SETTINGS) {
      settings.put(name, sql.text("SELECT coalesce(current_setting(?, true), '-')", name));
    }
    if (sql.text("SELECT pg_jit_available()").equals("f")) {
      settings.put("jit", "not available");
    }
    return new ServerFacts(sql.text("SHOW server_version"), settings);
  }

  /** The settings in one line. */
  public String settingsText() {
    return settings.entrySet().stream()
        .map(setting -> setting.getKey() + "=" + setting.getValue())
        .collect(Collectors.joining(", "));
  }
}
