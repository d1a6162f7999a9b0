package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
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
