package dev.holdfast.store;

import dev.holdfast.store.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Texts that software stumbles over: the ones below, and those of the Big List of Naughty Strings where the file is at hand. The file, a
 * JSON array of texts, is named by the system property {@code holdfast.naughtyStrings}; it is not part of this repository.
 */
final class TestingText {

  /** Bytewise, as PostgreSQL orders with the collation "C". */
  static final Comparator<String> BYTEWISE =
      Comparator.comparing(text -> text.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private static final Path NEAR_BY = Path.of("..", "..", "shared", "data", "naughty-strings.json");

  private static final List<String> OWN = List.of(
      // Nothing, and next to nothing
      "",
      " ",
      "   ",
      "\t",
      "\n",
      "\r\n",
      "\u000B\f",
      " leading and trailing ",
      "\u00A0",
      "\u3000",
      // Words that mean something elsewhere
      "null",
      "NULL",
      "undefined",
      "true",
      "None",
      "NaN",
      "Infinity",
      "-Infinity",
      "__ALL__",
      "__proto__",
      "constructor",
      "default",
      "CON",
      "..",
      "/",
      "%",
      "_",
      "\\",
      "\\\\",
      "\\N",
      "\\u0000",
      "\\x00",
      // Numbers as text
      "0",
      "-0",
      "1.0",
      "1.10",
      "1e5",
      "0x1F",
      "007",
      "9223372036854775808",
      "1,000",
      "\u0661\u0662\u0663",
      // Quotes and JSON
      "\"",
      "'",
      "''",
      "`",
      "\"\"",
      "{}",
      "[]",
      "{\"a\":1}",
      "[1,2",
      "</script>",
      "<!--",
      "~0~1",
      "/a/b",
      "$.a[0]",
      "{a,b}",
      "{NULL,\"x\"}",
      // SQL and friends
      "'; DROP TABLE holdfast.state; --",
      "1' OR '1'='1",
      "\"; DELETE FROM holdfast.change; --",
      "$$; SELECT pg_sleep(10); $$",
      "$1",
      "?",
      "?? :name ${schema} {schema}",
      "/* */",
      "--",
      "%s %d %n",
      "${jndi:ldap://localhost/a}",
      "E'\\047'",
      // Control characters
      "\u0001",
      "\u0007\b\u001B[31m",
      "\u001F",
      "\u007F",
      "\u0080\u0085\u009F",
      "a\nlevel=ERROR forged",
      // What is not seen
      "\u200B",
      "zero\u200Bwidth\u200Djoined",
      "\u2028\u2029",
      "\uFEFF",
      "\uFEFFwith a byte order mark",
      "soft\u00ADhyphen",
      "\u180E",
      // Directions
      "\u202Eevil.exe",
      "\u0645\u0631\u062D\u0628\u0627",
      "\u05E9\u05DC\u05D5\u05DD",
      "\u2066\u2067\u2069",
      // Normal forms are different texts
      "caf\u00E9",
      "cafe\u0301",
      "\u212B",
      "\u00C5",
      "A\u030A",
      "\uFB01",
      "fi",
      "\u1E9E",
      "\u0130",
      "i\u0307",
      "\u03C2\u03C3",
      // Beyond the basic plane
      "\uD83D\uDE00",
      "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67\u200D\uD83D\uDC66",
      "\uD83C\uDDE9\uD83C\uDDEA",
      "\uD83D\uDC4D\uD83C\uDFFE",
      "\u2764\uFE0F",
      "\uD834\uDD1E",
      "\uD840\uDC00",
      "\uDBFF\uDFFF",
      "\uFFFD",
      "\uFFFF",
      "\uFDD0",
      "\uE000",
      "Z\u0335\u0321\u0353\u0347a\u0321\u035Dl\u0334\u0330g\u0337o\u0336\u0316",
      "\u4F60\u597D",
      // As long as a key can be, and a little longer
      "k".repeat(512),
      "k".repeat(513),
      "\u00E9".repeat(256),
      "\u00E9".repeat(256) + "k",
      "\uD83D\uDE00".repeat(128),
      "\uD83D\uDE00".repeat(128) + "k",
      "r".repeat(4096),
      "r".repeat(4097),
      "x".repeat(100_000),
      // What PostgreSQL cannot store
      "\u0000",
      "a\u0000b",
      "ends with\u0000",
      "\uD83D",
      "\uDE00",
      "\uDE00\uD83D",
      "a\uD83Db");

  private TestingText() {}

  /** All texts, each once. */
  static Set<String> all() {
    Set<String> all = new LinkedHashSet<>(OWN);
    file().ifPresent(path -> all.addAll(read(path)));
    return all;
  }

  /** The texts that hold neither U+0000 nor half of a surrogate pair. */
  static List<String> storable() {
    return all().stream().filter(TestingText::isStorable).toList();
  }

  /** The storable texts that have 1 to so many bytes. */
  static List<String> fitting(int maxBytes) {
    return all().stream().filter(text -> fits(text, maxBytes)).toList();
  }

  static List<String> notFitting(int maxBytes) {
    return all().stream().filter(text -> !fits(text, maxBytes)).toList();
  }

  private static boolean fits(String text, int maxBytes) {
    return isStorable(text)
        && !text.isEmpty()
        && text.getBytes(StandardCharsets.UTF_8).length <= maxBytes;
  }

  static boolean isStorable(String text) {
    CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    return encoder.canEncode(text) && text.indexOf('\0') < 0;
  }

  private static Optional<Path> file() {
    return Stream.of(System.getProperty("holdfast.naughtyStrings", ""))
        .filter(name -> !name.isBlank())
        .map(Path::of)
        .findFirst()
        .or(() -> Optional.of(NEAR_BY).filter(Files::exists));
  }

  private static List<String> read(Path path) {
    try {
      return Json.parse(Files.readString(path))
          .valueStream()
          .map(JsonNode::stringValue)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
