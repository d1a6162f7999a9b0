package dev.holdfast.integration.telemetry;

import static dev.holdfast.store.json.Json.json;

import dev.holdfast.Holdfast;
import dev.holdfast.health.HealthStatus;
import org.postgresql.ds.PGSimpleDataSource;

/** What an application does that has no Micrometer among its dependencies. */
public final class WithoutMicrometer {

  private WithoutMicrometer() {}

  /** Reads and writes, asks for health, and looks at the methods of the facade as frameworks do. */
  public static String run(String url, String user, String password) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setURL(url);
    dataSource.setUser(user);
    dataSource.setPassword(password);
    try (Holdfast holdfast = Holdfast.builder().dataSource(dataSource).build()) {
      holdfast.state("telemetry", "without").set("a", json(1));
      int value = holdfast.state("telemetry", "without", Integer.class).get("a").orElseThrow();
      boolean healthy = holdfast.health().report().status().orElseThrow() == HealthStatus.HEALTHY;
      int methods = Holdfast.class.getMethods().length + Holdfast.Builder.class.getMethods().length;
      return value + " " + healthy + " " + (methods > 20);
    }
  }

  /** Whether Micrometer is there. */
  public static boolean hasMicrometer() {
    try {
      Class.forName("io.micrometer.core.instrument.MeterRegistry");
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
