package dev.holdfast.effect.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class JournalGroupTest {

  /**
   * What is written.
   *
   * @param length how long it is
   */
  private record TestingRequest(UUID effectId, LongSupplier length)
      implements JournalGroup.Request {
    @Override
    public long chars() {
      return length.getAsLong();
    }
  }

  private final JournalGroup<TestingRequest, String> group =
      new JournalGroup<>(new JournalGroup.Sender<>() {
        @Override
        public Optional<String> send(TestingRequest request) {
          return Optional.of("sent");
        }

        @Override
        public Map<UUID, String> sendAll(List<TestingRequest> requests) {
          throw new AssertionError("nobody has company here");
        }
      });

  private Optional<String> send(LongSupplier length) throws SQLException {
    return group.send(new TestingRequest(UUID.randomUUID(), length)).answer();
  }

  /** Whoever leads and fails hands over also when it has not even put its message together. */
  @Test
  @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void nobodyWaitsForALeaderThatHadNoMemoryForItsMessage() throws SQLException {
    assertThatThrownBy(() -> send(() -> {
          throw new OutOfMemoryError("none left");
        }))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(send(() -> 1)).contains("sent");
  }
}
