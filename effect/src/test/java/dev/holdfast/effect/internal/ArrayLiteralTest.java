package dev.holdfast.effect.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is sent as the text of an array is what the server reads. */
@HoldfastTest
final class ArrayLiteralTest {

  private final TestDatabase database;

  ArrayLiteralTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void everyTextIsReadAsItIs() throws SQLException {
    List<@Nullable String> texts = Arrays.asList(
        "a",
        null,
        "",
        "NULL",
        "null",
        "{\"a\": \"b\\\\\\\"c\"}",
        "{}",
        ",",
        " b ",
        "\n\t",
        "'",
        "\\",
        "$1",
        "ü\uD83D\uDE00");
    assertThat(read("text", texts)).isEqualTo(texts.toArray());
    assertThat(read("text", List.of())).isEmpty();
  }

  @Test
  void numbersAndIdsAreReadAsTheyAre() throws SQLException {
    List<@Nullable Long> numbers = Arrays.asList(0L, null, -1L, Long.MAX_VALUE, Long.MIN_VALUE);
    List<UUID> ids = List.of(new UUID(0, 0), UUID.randomUUID());
    assertThat(read("bigint", numbers)).isEqualTo(numbers.toArray());
    assertThat(read("uuid", ids)).isEqualTo(ids.toArray());
  }

  private Object[] read(String type, List<? extends @Nullable Object> values) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT ?::text::" + type + "[]")) {
      statement.setString(1, ArrayLiteral.of(values, value -> value));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return (Object[]) row.getArray(1).getArray();
      }
    }
  }
}
