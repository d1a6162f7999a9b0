package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.HoldfastException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class PooledSourceTest {

  private static PGSimpleDataSource unpooled(String parameters) {
    return (PGSimpleDataSource) PooledSource.unpooled(
        new JdbcAddress("jdbc:postgresql://db.example:6543/trips" + parameters, "mia", "x1"));
  }

  @Test
  void connectionsBesideThePoolAreSafeByDefault() {
    PGSimpleDataSource source = unpooled("");
    assertThat(source.getServerNames()).containsExactly("db.example");
    assertThat(source.getPortNumbers()).containsExactly(6543);
    assertThat(source.getDatabaseName()).isEqualTo("trips");
    assertThat(source.getUser()).isEqualTo("mia");
    assertThat(source.getPassword()).isEqualTo("x1");
    assertThat(source.getApplicationName()).isEqualTo("holdfast");
    assertThat(source.getConnectTimeout()).isEqualTo(5);
    assertThat(source.getLoginTimeout()).isEqualTo(5);
    assertThat(source.getTcpKeepAlive()).isTrue();
    assertThat(source.getTargetServerType()).isEqualTo("primary");
    assertThat(source.getLogServerErrorDetail()).isFalse();
    assertThat(source.getSocketTimeout())
        .as("migrations and notifications may take long")
        .isZero();
  }

  /** What is not given is left to the URL, and else to the driver: the user of the system, and a file of passwords. */
  @Test
  void theUrlMayNameUserAndPasswordAlone() {
    JdbcAddress address =
        new JdbcAddress("jdbc:postgresql://db.example:6543/trips?user=tom&password=x2", null, null);
    PGSimpleDataSource source = (PGSimpleDataSource) PooledSource.unpooled(address);
    assertThat(source.getUser()).isEqualTo("tom");
    assertThat(source.getPassword()).isEqualTo("x2");
    assertThat(address)
        .hasToString("jdbc:postgresql://db.example:6543/trips?user=tom&password=***");
  }

  /** The driver logs what it cannot read. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://mia:hunter2-canary@db.example/trips",
        "jdbc:postgresql://mia:a?hunter2-canary@db.example/trips",
        "jdbc:postgresql://mia:a/hunter2-canary@db.example/trips",
        "jdbc:postgresql://mia:12?hunter2=hunter2-canary@db.example:5432/trips",
        "jdbc:postgresql://mia:a@b?hunter2-canary@db.example/trips",
        "jdbc:postgresql:/mia:hunter2-canary@db.example/trips",
        "jdbc:postgresql://db.example?user=mia&password=hunter2-canary",
        "jdbc:postgresql://db.example/trips/?user=mia&password=hunter2-canary"
      })
  void aPasswordInAUrlThatCannotBeReadIsShownNowhere(String url) {
    List<String> logged = new CopyOnWriteArrayList<>();
    Handler handler = new Handler() {
      @Override
      public void publish(LogRecord line) {
        logged.add(line.getMessage() + Arrays.toString(line.getParameters()));
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    Logger driver = Logger.getLogger("org.postgresql");
    driver.addHandler(handler);
    try {
      assertThatThrownBy(() -> PooledSource.open(new JdbcAddress(url, null, null), 1))
          .isInstanceOfSatisfying(
              HoldfastException.class,
              e -> assertThat(e.context().toString()).doesNotContain("canary"))
          .hasMessageContaining("db.example")
          .hasMessageNotContaining("canary");
    } finally {
      driver.removeHandler(handler);
    }
    assertThat(logged).noneMatch(line -> line.contains("canary"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql:",
        "jdbc:postgresql:trips",
        "jdbc:postgresql:?user=mia",
        "jdbc:postgresql:///trips",
        "jdbc:postgresql://one:1,two:2/trips?user=mia@server",
        "jdbc:postgresql://[::1]:6543/trips?options=-c%20a=b/c?d"
      })
  void whateverElseTheDriverReadsIsTaken(String url) {
    JdbcAddress address = new JdbcAddress(url, null, null);
    assertThat(PooledSource.unpooled(address)).isNotNull();
    assertThat(address).hasToString(url);
  }

  @Test
  void parametersOfTheUrlWinBesideThePoolToo() {
    PGSimpleDataSource source = unpooled(
        "?ApplicationName=mine&connectTimeout=7&loginTimeout=8&socketTimeout=90"
            + "&tcpKeepAlive=false&targetServerType=any&logServerErrorDetail=true&user=tom&password=x2");
    assertThat(source.getApplicationName()).isEqualTo("mine");
    assertThat(source.getConnectTimeout()).isEqualTo(7);
    assertThat(source.getLoginTimeout()).isEqualTo(8);
    assertThat(source.getSocketTimeout()).isEqualTo(90);
    assertThat(source.getTcpKeepAlive()).isFalse();
    assertThat(source.getTargetServerType()).isEqualTo("any");
    assertThat(source.getLogServerErrorDetail()).isTrue();
    assertThat(source.getUser()).isEqualTo("tom");
    assertThat(source.getPassword()).isEqualTo("x2");
  }
}
