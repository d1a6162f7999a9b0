package dev.holdfast.effect.file;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Calls the handlers for files as effect transactions do. */
final class TestingFiles {

  private final Path base;
  private final Consumer<String> points;

  TestingFiles(Path base, Consumer<String> points) {
    this.base = base;
    this.points = points;
  }

  static EffectContext context(String operation) {
    EffectId effect = new EffectId("work", "w1");
    return new EffectContext(effect, operation, effect.uuid() + "/" + operation, 1, 1);
  }

  private EffectHandler<?, ?> handler(Object request) {
    return FileOperations.in(base, points, InstantSource.system()).handlers().stream()
        .filter(handler -> handler.requestType().isInstance(request))
        .findFirst()
        .orElseThrow();
  }

  FileResult perform(Object request, EffectContext context) throws Exception {
    return (FileResult) perform(handler(request), request, context);
  }

  private static <Q> Object perform(
      EffectHandler<Q, ?> handler, Object request, EffectContext context) throws Exception {
    return Objects.requireNonNull(
        handler.performRequired().perform(context, handler.requestType().cast(request)));
  }

  void undo(Object request, EffectContext context) throws Exception {
    undo(handler(request), request, context);
  }

  private static <Q> void undo(EffectHandler<Q, ?> handler, Object request, EffectContext context)
      throws Exception {
    handler
        .compensationByRequest()
        .orElseThrow()
        .compensate(context, handler.requestType().cast(request));
  }

  /** Every file with its content, without what the operations keep for themselves. */
  static Map<String, String> content(Path base) {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(base)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = base.relativize(file).toString();
        if (!name.startsWith(BaseFolder.OWN)) {
          files.put(name, Files.readString(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /** Makes a folder hold these files and nothing else. */
  static void fill(Path base, Map<String, String> files) {
    try {
      Files.createDirectories(base);
      for (Map.Entry<String, String> file : files.entrySet()) {
        Files.writeString(base.resolve(file.getKey()), file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
