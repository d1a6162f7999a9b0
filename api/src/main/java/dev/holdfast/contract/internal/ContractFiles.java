package dev.holdfast.contract.internal;

import dev.holdfast.contract.ContractViolation;
import dev.holdfast.contract.ContractViolationException;
import dev.holdfast.contract.SourceLocation;
import dev.holdfast.contract.internal.SourceNode.Mapping;
import dev.holdfast.contract.internal.SourceNode.Scalar;
import dev.holdfast.contract.internal.SourceNode.Sequence;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of contracts with those it includes, as one mapping. What a file says overrides what it includes, and a later include overrides an
 * earlier one. Includes are relative to the folder of the first file and never leave it, links followed. Confined to one thread.
 */
public final class ContractFiles {

  /** How large one file may be, in bytes. */
  public static final int MAX_BYTES = 256 << 10;

  /** How long one line may be, in characters: the parser is slow with very long words. */
  public static final int MAX_LINE = 10_000;

  /** How deeply includes may be nested. */
  public static final int MAX_DEPTH = 10;

  /** How many files may be read in all, one that is included twice counted twice. */
  public static final int MAX_FILES = 100;

  /** The key of a file that names what it includes. */
  public static final String INCLUDE = "include";

  private static final int MAX_TOTAL_BYTES = 4 * MAX_BYTES;

  private final Path base;
  private final List<ContractViolation> violations;
  private final Deque<Path> open = new ArrayDeque<>();
  private final Map<Path, Source> sources = new LinkedHashMap<>();
  private int files;
  private int total;

  private ContractFiles(Path base, List<ContractViolation> violations) {
    this.base = base;
    this.violations = violations;
  }

  /**
   * Reads a file and what it includes.
   *
   * @param violations takes what is wrong and does not prevent going on
   * @return one mapping, and every file that was read
   * @throws ContractViolationException when the file cannot be read, or is refused as a whole
   */
  public static Loaded load(Path file, List<ContractViolation> violations) {
    String name = String.valueOf(file.getFileName());
    Path folder = real(file, name).getParent();
    if (folder == null) {
      throw refused(violations, null, file + " is not a file");
    }
    ContractFiles all = new ContractFiles(folder, violations);
    SourceLocation start = new SourceLocation(name, 1, 1);
    Mapping root = all.read(all.source(file, file.toString(), start), name, start);
    return new Loaded(root, List.copyOf(all.sources.values()));
  }

  /** What was read. */
  public record Loaded(Mapping root, List<Source> sources) {}

  /**
   * A file as it was read.
   *
   * @param path how it was found
   * @param real where that led, links followed
   * @param text its content, one character a byte
   */
  public record Source(Path path, Path real, String text) {

    /** Reads a file, one byte more than allowed at most. */
    public static Source read(Path path) throws IOException {
      Path real = path.toRealPath();
      if (!Files.isRegularFile(real)) {
        throw new NotRegularException();
      }
      try (InputStream stream = Files.newInputStream(real)) {
        byte[] content = stream.readNBytes(MAX_BYTES + 1);
        return new Source(path, real, new String(content, StandardCharsets.ISO_8859_1));
      }
    }

    private byte[] bytes() {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  private static final class NotRegularException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private Mapping read(Source source, String name, SourceLocation from) {
    if (++files > MAX_FILES) {
      throw refused(violations, from, "is more than the " + MAX_FILES + " files that are read");
    }
    open.push(source.real);
    try {
      SourceNode node = YamlReader.read(name, decoded(source, name), violations);
      if (node == null || (node instanceof Scalar scalar && scalar.value() == null)) {
        return new Mapping(new SourceLocation(name, 1, 1), Map.of());
      }
      if (node instanceof Mapping own) {
        return withIncludes(own);
      }
      throw refused(violations, node.location(), "must be a mapping of sections");
    } finally {
      open.pop();
    }
  }

  private Mapping withIncludes(Mapping own) {
    Mapping result = Mapping.EMPTY;
    for (Scalar include : includes(own)) {
      result = result.overriddenBy(included(include));
    }
    return result.overriddenBy(own.without(INCLUDE));
  }

  private List<Scalar> includes(Mapping own) {
    SourceNode node = own.entries().get(INCLUDE);
    List<Scalar> found = new ArrayList<>();
    if (node == null) {
      return found;
    }
    List<SourceNode> items = node instanceof Sequence sequence ? sequence.items() : List.of(node);
    for (SourceNode item : items) {
      if (item instanceof Scalar scalar && scalar.value() instanceof String) {
        found.add(scalar);
      } else {
        violations.add(new ContractViolation(
            INCLUDE, List.of(), "must be a file name or a list of file names", item.location()));
      }
    }
    return found;
  }

  private Mapping included(Scalar include) {
    String name = String.valueOf(include.value());
    SourceLocation from =
        Objects.requireNonNullElseGet(include.location(), () -> new SourceLocation(name, 1, 1));
    Source source = source(resolve(name, from), name, from);
    if (open.contains(source.real)) {
      throw refused(violations, from, "includes " + name + " in a circle: " + circle(source.real));
    }
    if (open.size() > MAX_DEPTH) {
      throw refused(violations, from, "is nested more than " + MAX_DEPTH + " includes deep");
    }
    return read(source, name, from);
  }

  private String circle(Path target) {
    List<String> names = new ArrayList<>();
    open.descendingIterator()
        .forEachRemaining(file -> names.add(base.relativize(file).toString()));
    names.add(base.relativize(target).toString());
    return String.join(" -> ", names);
  }

  /** What is meant must be inside, before anything is looked at; what is found must be inside as well, links followed. */
  private Path resolve(String name, SourceLocation from) {
    Path relative = relative(name, from);
    for (Path step : relative) {
      if (step.toString().equals("..")) {
        throw refused(violations, from, "leaves the folder of the first file: " + name);
      }
    }
    return base.resolve(relative);
  }

  private Path relative(String name, SourceLocation from) {
    try {
      Path path = Path.of(name);
      if (name.isBlank() || path.isAbsolute() || path.getRoot() != null) {
        throw refused(violations, from, "must be a relative path, not \"" + name + "\"");
      }
      return path;
    } catch (InvalidPathException e) {
      throw refused(violations, from, "is not a path: " + e.getReason());
    }
  }

  private String decoded(Source source, String name) {
    String text;
    try {
      text = StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(source.bytes()))
          .toString();
    } catch (CharacterCodingException e) {
      throw refused(violations, new SourceLocation(name, 1, 1), "is not UTF-8");
    }
    if (text.lines().anyMatch(line -> line.length() > MAX_LINE)) {
      throw refused(
          violations,
          new SourceLocation(name, 1, 1),
          "has a line of more than " + MAX_LINE + " characters");
    }
    return text;
  }

  private Source source(Path path, String name, SourceLocation from) {
    Source known = sources.get(path);
    if (known != null) {
      return known;
    }
    Source source;
    try {
      requireInside(path, name, from);
      source = Source.read(path);
    } catch (IOException e) {
      throw unreadable(violations, from, name, e);
    }
    total += source.text.length();
    if (source.text.length() > MAX_BYTES || total > MAX_TOTAL_BYTES) {
      throw refused(
          violations,
          from,
          name + " is larger than the " + MAX_BYTES + " bytes of a file, or the " + MAX_TOTAL_BYTES
              + " of all files");
    }
    sources.put(path, source);
    return source;
  }

  /** Before the first byte is read. The first file is where its own link leads. */
  private void requireInside(Path path, String name, SourceLocation from) throws IOException {
    if (!path.toRealPath().startsWith(base)) {
      throw refused(violations, from, "leaves the folder of the first file by a link: " + name);
    }
  }

  private static Path real(Path file, String name) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      // Its name alone would not say where it was looked for.
      throw unreadable(List.of(), new SourceLocation(name, 1, 1), file.toString(), e);
    }
  }

  private static String reason(IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return " does not exist";
    }
    return cause instanceof NotRegularException
        ? " is not a file"
        : " cannot be read: " + cause.getClass().getSimpleName();
  }

  private static ContractViolationException unreadable(
      List<ContractViolation> before,
      @Nullable SourceLocation place,
      String name,
      IOException cause) {
    List<ContractViolation> all = new ArrayList<>(before);
    all.add(new ContractViolation("", List.of(), name + reason(cause), place));
    return new ContractViolationException(all, cause);
  }

  private static ContractViolationException refused(
      List<ContractViolation> before, @Nullable SourceLocation place, String message) {
    List<ContractViolation> all = new ArrayList<>(before);
    all.add(new ContractViolation("", List.of(), message, place));
    return new ContractViolationException(all);
  }
}
