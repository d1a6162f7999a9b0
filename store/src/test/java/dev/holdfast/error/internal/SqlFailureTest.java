package dev.holdfast.error.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

@Tag("G4")
final class SqlFailureTest {

  private static SQLException failure(String state) {
    return new SQLException("failed", state);
  }

  private static SQLException behind(SQLException first, SQLException next) {
    first.setNextException(next);
    return first;
  }

  @ParameterizedTest
  @ValueSource(strings = {"08006", "08003", "57P01", "57P02"})
  void whoseConnectionIsGoneDoesNotKnow(String state) {
    assertThat(SqlFailure.leavesInDoubt(failure(state))).isTrue();
  }

  /** A server that cannot write its log says so and ends, and what it has written may count when it is back. */
  @ParameterizedTest
  @ValueSource(strings = {"58030", "53100", "XX000"})
  void whoseServerSaysWhyAndEndsDoesNotKnow(String state) {
    assertThat(SqlFailure.leavesInDoubt(behind(failure(state), failure("08006"))))
        .isTrue();
    assertThat(SqlFailure.leavesInDoubt(failure(state))).as("it went on").isFalse();
  }

  @Test
  void whoHasNoMemoryForTheAnswerDoesNotKnow() {
    assertThat(SqlFailure.leavesInDoubt(new PSQLException("no memory", PSQLState.OUT_OF_MEMORY)))
        .isTrue();
    assertThat(SqlFailure.leavesInDoubt(
            new PSQLException(new ServerErrorMessage("SERROR\0C53200\0Mout of memory\0"))))
        .as("the server had none, and did nothing")
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"40001", "55P03", "57014", "23505", "22P02", "42501"})
  void whatTheServerRefusesIsNotDone(String state) {
    assertThat(SqlFailure.leavesInDoubt(failure(state))).isFalse();
  }
}
