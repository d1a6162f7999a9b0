package dev.holdfast;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

@HoldfastTest
class JdbcUrlTest {

  private final TestDatabase database;

  JdbcUrlTest(TestDatabase database) {
    this.database = database;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void userAndPasswordMayBePartOfTheUrl() {
    String url = database.jdbcUrl() + (database.jdbcUrl().contains("?") ? "&" : "?") + "user="
        + encoded(database.user()) + "&password=" + encoded(database.password());
    try (Holdfast holdfast = Holdfast.builder().jdbcUrl(url, null, null).build()) {
      assertThat(holdfast.state("trips", "1").set("a", json(1))).isEqualTo(1);
    }
  }

  @Test
  @SuppressWarnings("NullAway") // A setting that is missing.
  void aUrlThatIsMissingIsNamed() {
    assertThatThrownBy(() -> Holdfast.builder().jdbcUrl(null, "mia", "x1"))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageContaining("jdbcUrl");
  }
}
