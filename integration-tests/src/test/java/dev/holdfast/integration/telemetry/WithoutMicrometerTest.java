package dev.holdfast.integration.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Micrometer is an optional dependency. */
@HoldfastTest
class WithoutMicrometerTest {

  private final TestDatabase database;

  WithoutMicrometerTest(TestDatabase database) {
    this.database = database;
  }

  private static URL url(String path) {
    try {
      return Path.of(path).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(path, e);
    }
  }

  @Test
  void everythingWorksWithoutMicrometer() throws Exception {
    URL[] others = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(path -> !path.contains("micrometer"))
        .map(WithoutMicrometerTest::url)
        .toArray(URL[]::new);
    try (URLClassLoader loader = new URLClassLoader(others, ClassLoader.getPlatformClassLoader())) {
      Class<?> application = loader.loadClass(WithoutMicrometer.class.getName());
      assertThat(application.getMethod("hasMicrometer").invoke(null)).isEqualTo(false);
      assertThat(WithoutMicrometer.hasMicrometer()).as("a control").isTrue();
      assertThat(application
              .getMethod("run", String.class, String.class, String.class)
              .invoke(null, database.jdbcUrl(), database.user(), database.password()))
          .isEqualTo("1 true true");
    }
  }
}
