package dev.holdfast.benchmarks.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MessagesTest {

  @Test
  void areAllOfTheSameSize() {
    assertThat(Stream.generate(new Messages(1)::next).limit(100))
        .allSatisfy(message -> assertThat(message.toString().getBytes(StandardCharsets.UTF_8))
            .hasSize(Messages.BYTES));
  }

  @Test
  void areTheSameForTheSameSeedAndDifferFromEachOther() {
    Messages messages = new Messages(1);
    JsonNode first = messages.next();
    assertThat(new Messages(1).next()).isEqualTo(first);
    assertThat(messages.next()).isNotEqualTo(first);
  }
}
