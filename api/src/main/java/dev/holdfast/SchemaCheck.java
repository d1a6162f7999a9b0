package dev.holdfast;

import dev.holdfast.health.HealthCheck;
import dev.holdfast.health.HealthResult;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.migrations.SchemaVersionException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the tables are those of this library. The record of migrations, and whether the tables exist, are looked at the first time and
 * whenever their version has changed; otherwise the version is read, which costs one query. Used by one thread at a time.
 */
final class SchemaCheck implements HealthCheck {

  private final DataSource dataSource;
  private final SchemaName schema;
  private @Nullable Migrations migrations;
  private @Nullable String validated;

  SchemaCheck(DataSource dataSource, SchemaName schema) {
    this.dataSource = dataSource;
    this.schema = schema;
  }

  @Override
  public synchronized HealthResult check() {
    Migrations known = migrations;
    if (known == null) {
      known = Migrations.of(dataSource, schema);
      migrations = known;
    }
    String version = known.version().orElse("none");
    try {
      if (!version.equals(validated)) {
        known.validate();
        validated = version;
      }
      return HealthResult.healthy().with("version", version);
    } catch (SchemaVersionException e) {
      // Its message is Holdfast's own and names what differs.
      return HealthResult.unhealthy(String.valueOf(e.getMessage())).with("version", version);
    }
  }
}
