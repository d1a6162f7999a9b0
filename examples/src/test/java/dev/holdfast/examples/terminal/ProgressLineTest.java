package dev.holdfast.examples.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ProgressLineTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong();

  @Test
  void redrawsOneLineOnATerminal() {
    ProgressLine line = line(true);
    line.show(1, 2, "one");
    line.show(1, 2, "one");
    line.show(2, 2, "two");
    line.end();
    assertThat(text())
        .isEqualTo("\r\u001b[K[###############---------------]  50 %  one"
            + "\r\u001b[K[##############################] 100 %  two\r\u001b[K");
  }

  @Test
  void printsALineNowAndThenElsewhere() {
    ProgressLine line = line(false);
    line.show(1, 4, "at once");
    clock.addAndGet(Duration.ofSeconds(2).toNanos());
    line.show(2, 4, "two");
    line.show(3, 4, "too soon");
    line.end();
    assertThat(text()).isEqualToIgnoringNewLines(" 50 %  two");
  }

  @Test
  void neverFillsTheLine() {
    line(true).show(0, 0, "x".repeat(200));
    assertThat(text().substring("\r\u001b[K".length())).hasSize(79).endsWith("...");
  }

  private ProgressLine line(boolean redrawn) {
    PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    return new ProgressLine(stream, redrawn, 80, clock::get);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
