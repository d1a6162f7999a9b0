package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the server reads from our own arrays is what was put into them, and what it reads from those of the driver. */
@HoldfastTest(invariants = false)
final class BinaryArrayTest {

  /** How a connection is to be had. */
  enum Source {
    /** Our own arrays. */
    POOLED,
    /** The driver's, as texts. */
    SIMPLE_QUERIES,
    /** The driver's, because a wrapper does not say what it wraps. */
    WRAPPED
  }

  private final TestDatabase database;

  BinaryArrayTest(TestDatabase database) {
    this.database = database;
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeArrivesAsItIs(Source source) throws SQLException {
    UUID uuid = UUID.fromString("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    assertThat(read(source, "uuid", List.of(uuid, new UUID(0, 0), new UUID(-1, -1)), Binder::uuids))
        .containsExactly(
            uuid.toString(),
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff");
    List<@Nullable String> texts = Arrays.asList(
        "a",
        null,
        "",
        "NULL",
        "a",
        "{}",
        "\"quoted\"",
        "back\\slash",
        "\u00e9\ud83d\ude00",
        " x ",
        "x".repeat(100_000));
    assertThat(read(source, "text", texts, Binder::texts)).isEqualTo(texts);
    assertThat(read(
            source,
            "bigint",
            Arrays.asList(0L, null, Long.MIN_VALUE, Long.MAX_VALUE, -1L),
            Binder::numbers))
        .containsExactly("0", null, "-9223372036854775808", "9223372036854775807", "-1");
    assertThat(read(
            source,
            "integer",
            Arrays.asList(null, Integer.MIN_VALUE, Integer.MAX_VALUE, -1),
            Binder::integers))
        .containsExactly(null, "-2147483648", "2147483647", "-1");
  }

  @ParameterizedTest
  @EnumSource
  void timesAreCutToMicroseconds(Source source) throws SQLException {
    List<@Nullable Instant> times = Arrays.asList(
        Instant.EPOCH,
        null,
        Instant.parse("1999-12-31T23:59:59.999999999Z"),
        Instant.parse("2026-11-23T08:19:30.123456789Z"),
        Instant.parse("0001-01-01T00:00:00Z"),
        Instant.MAX);
    List<@Nullable String> read = read(
        source,
        "timestamptz",
        times,
        (Binder binder,
            List<@Nullable Instant> items,
            Function<@Nullable Instant, @Nullable Instant> column) -> binder.times(items, column));
    assertThat(read)
        .containsExactly(
            "1970-01-01 00:00:00+00",
            null,
            "1999-12-31 23:59:59.999999+00",
            "2026-11-23 08:19:30.123456+00",
            "0001-01-01 00:00:00+00",
            "9999-12-31 00:00:00+00");
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyArrayIsEmpty(Source source) throws SQLException {
    assertThat(read(source, "text", List.<@Nullable String>of(), Binder::texts)).isEmpty();
  }

  @Test
  void anArrayGrowsWithWhatIsInIt() {
    BinaryArray array = new BinaryArray(25, 2);
    array.add("x".repeat(1_000));
    array.addNull();
    assertThat(array.toBytes()).hasSize(20 + 4 + 1_000 + 4);
  }

  /** How a binder takes a column. */
  private interface Bind<V> {
    Binder bind(Binder binder, List<V> items, Function<V, V> column) throws SQLException;
  }

  private <V> List<@Nullable String> read(Source source, String type, List<V> values, Bind<V> bind)
      throws SQLException {
    try (HikariDataSource pool = pool(source);
        Connection connection = connection(source, pool);
        PreparedStatement statement = connection.prepareStatement(
            "SELECT e::text FROM unnest(?::%s[]) WITH ORDINALITY AS a (e, n) ORDER BY n"
                .formatted(type))) {
      statement.getConnection().createStatement().execute("SET TimeZone = 'UTC'");
      bind.bind(Binder.of(statement), values, value -> value);
      List<@Nullable String> read = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          read.add(rows.getString(1));
        }
      }
      return read;
    }
  }

  private HikariDataSource pool(Source source) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(database.jdbcUrl());
    pool.setUsername(database.user());
    pool.setPassword(database.password());
    pool.setMaximumPoolSize(1);
    if (source == Source.SIMPLE_QUERIES) {
      pool.addDataSourceProperty("preferQueryMode", "simple");
    }
    return pool;
  }

  private static Connection connection(Source source, HikariDataSource pool) throws SQLException {
    Connection connection = pool.getConnection();
    return source == Source.WRAPPED ? hiding(connection, Connection.class) : connection;
  }

  /** The same object, that is a wrapper for nothing, and whose statements come from such a connection. */
  private static <T> T hiding(T target, Class<T> type) {
    return type.cast(Proxy.newProxyInstance(
        BinaryArrayTest.class.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          if (method.getName().equals("isWrapperFor")) {
            return false;
          }
          Object result = method.invoke(target, arguments);
          if (result instanceof PreparedStatement statement) {
            return hiding(statement, PreparedStatement.class);
          }
          return result instanceof Connection connection
              ? hiding(connection, Connection.class)
              : result;
        }));
  }
}
