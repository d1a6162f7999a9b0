package dev.holdfast.benchmarks.features;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.Effects;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.store.StateStore;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where a virtual machine finds these benchmarks, what they depend on, and one build of Holdfast. Stateless. */
final class ClassPath {

  private static final List<String> MODULES = List.of("migrations", "store", "effect", "api");
  private static final List<Class<?>> OF_EACH_MODULE =
      List.of(Migrations.class, StateStore.class, Effects.class, Holdfast.class);

  private ClassPath() {}

  static String ofThisBuild() {
    return System.getProperty("java.class.path");
  }

  /**
   * With the classes of another checkout in place of those of this one, and everything else as it is here.
   *
   * @throws IllegalStateException when a module there is not compiled
   */
  static String ofBuildIn(Path checkout) {
    List<Path> here = OF_EACH_MODULE.stream().map(ClassPath::location).toList();
    Stream<String> others = Stream.of(ofThisBuild().split(File.pathSeparator))
        .filter(entry -> !here.contains(Path.of(entry).toAbsolutePath().normalize()));
    Stream<String> classes =
        MODULES.stream().map(module -> compiled(checkout, module).toString());
    return Stream.concat(classes, others).collect(Collectors.joining(File.pathSeparator));
  }

  private static Path compiled(Path checkout, String module) {
    Path classes = checkout.resolve(module).resolve("target").resolve("classes").toAbsolutePath();
    if (!Files.isDirectory(classes)) {
      throw new IllegalStateException(
          "There are no classes in " + classes + "; \"./mvnw compile\" makes them");
    }
    return classes;
  }

  private static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("It cannot be told where " + type + " comes from", e);
    }
  }
}
