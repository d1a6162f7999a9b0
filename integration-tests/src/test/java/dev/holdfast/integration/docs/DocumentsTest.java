package dev.holdfast.integration.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents are true: their Java is compiled, their links lead somewhere, and the guarantees they claim are tested. */
class DocumentsTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path SAMPLES = Path.of("src/test/java/dev/holdfast/integration/docs");
  private static final Pattern JAVA_BLOCK =
      Pattern.compile("(?:<!-- sample: (\\S+) -->\\n)?```java\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");
  private static final Pattern KEPT =
      Pattern.compile("\\| (G\\d+) \\|.*\\| (kept[^|]*|in memory[^|]*) \\|");
  private static final int README_LINES = 150;

  @Test
  void everyJavaBlockIsACompiledSample() throws IOException {
    Map<String, String> samples = samples();
    List<String> wrong = new ArrayList<>();
    int blocks = 0;
    for (Path document : documents()) {
      Matcher block = JAVA_BLOCK.matcher(Files.readString(document));
      while (block.find()) {
        blocks++;
        String name = block.group(1);
        if (name == null || !normal(block.group(2)).equals(samples.get(name))) {
          wrong.add(document.getFileName() + ": sample " + name);
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(blocks).isGreaterThanOrEqualTo(9);
  }

  private static Map<String, String> samples() throws IOException {
    Map<String, String> samples = new LinkedHashMap<>();
    for (String file : List.of("SamplesTest.java", "ServiceSamplesTest.java")) {
      collect(SAMPLES.resolve(file), samples);
    }
    return samples;
  }

  /** Parts of one sample that stand apart are joined. */
  private static void collect(Path file, Map<String, String> samples) throws IOException {
    String name = "";
    StringBuilder text = new StringBuilder();
    for (String line : Files.readAllLines(file)) {
      String trimmed = line.trim();
      if (trimmed.startsWith("// sample: ")) {
        name = trimmed.substring("// sample: ".length());
        text.setLength(0);
      } else if (trimmed.equals("// end")) {
        samples.merge(name, normal(text.toString()), (a, b) -> a + " " + b);
        name = "";
      } else if (!name.isEmpty()) {
        text.append(line).append('\n');
      }
    }
  }

  /** White space says nothing: the formatter may break lines that the document does not. */
  private static String normal(String code) {
    return code.replaceAll("\\s+", " ").replace("( ", "(").replace(" .", ".").trim();
  }

  @Test
  void everyRelativeLinkLeadsSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      Matcher link = LINK.matcher(Files.readString(document));
      while (link.find()) {
        if (!Files.exists(document.resolveSibling(link.group(1)))) {
          broken.add(document.getFileName() + " -> " + link.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyKeptGuaranteeIsCitedByATest() throws IOException {
    Matcher row = KEPT.matcher(Files.readString(ROOT.resolve("docs/guarantees.md")));
    List<String> uncited = new ArrayList<>();
    int kept = 0;
    String tests = testSources();
    while (row.find()) {
      kept++;
      if (!tests.contains("@Tag(\"" + row.group(1) + "\")")) {
        uncited.add(row.group(1));
      }
    }
    assertThat(uncited).isEmpty();
    assertThat(kept).isGreaterThanOrEqualTo(6);
  }

  private static String testSources() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(ROOT)) {
      for (Path file : files
          .filter(f -> f.toString().contains("/src/test/") && f.toString().endsWith("Test.java"))
          .toList()) {
        all.append(Files.readString(file));
      }
    }
    return all.toString();
  }

  @Test
  void theReadmeStaysShort() throws IOException {
    assertThat(Files.readAllLines(ROOT.resolve("README.md")))
        .hasSizeLessThanOrEqualTo(README_LINES);
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs)
          .filter(file -> file.toString().endsWith(".md"))
          .toList();
    }
  }
}
