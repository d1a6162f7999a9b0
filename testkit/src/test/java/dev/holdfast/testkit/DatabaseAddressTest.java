package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class DatabaseAddressTest {

  private static final DatabaseAddress ADDRESS = DatabaseAddress.parse(
      "jdbc:postgresql://db.example:6432/postgres?user=ann&password=s%26cret&sslmode=require");

  @Test
  void keepsUserAndPasswordOutOfTheUrl() {
    assertThat(ADDRESS.user()).isEqualTo("ann");
    assertThat(ADDRESS.password()).isEqualTo("s&cret");
    assertThat(ADDRESS.url())
        .isEqualTo("jdbc:postgresql://db.example:6432/postgres?sslmode=require");
    assertThat(ADDRESS).hasToString(ADDRESS.url());
  }

  @Test
  void changesNothingButTheDatabase() {
    assertThat(ADDRESS.withDatabase("other"))
        .isEqualTo(new DatabaseAddress(
            ADDRESS.url().replace("/postgres?", "/other?"), ADDRESS.user(), ADDRESS.password()));
  }

  @Test
  void worksWithoutUserAndPassword() {
    DatabaseAddress address = DatabaseAddress.parse("jdbc:postgresql://localhost/postgres");

    assertThat(address.url()).isEqualTo("jdbc:postgresql://localhost/postgres");
    assertThat(address.user()).isEqualTo(System.getProperty("user.name"));
    assertThat(address.password()).isEmpty();
  }

  @Test
  void refusesTheFormWithoutAHost() {
    assertThatThrownBy(() -> DatabaseAddress.parse("jdbc:postgresql:postgres?password=secret"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("jdbc:postgresql://host:port/database")
        .hasMessageNotContaining("secret");
  }
}
