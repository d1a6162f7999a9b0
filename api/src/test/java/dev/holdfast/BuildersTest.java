package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.holdfast.cache.CachePolicy;
import dev.holdfast.cache.CacheTotals;
import dev.holdfast.cache.ComputeCache;
import dev.holdfast.compute.Computations;
import dev.holdfast.contract.Contracts;
import dev.holdfast.health.CheckScope;
import dev.holdfast.health.Health;
import dev.holdfast.logging.Logs;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.validation.Validation;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A setting that is missing is found by its name, where it was given. */
class BuildersTest {

  private static final List<Object> BUILDERS = List.of(
      Holdfast.builder(),
      Computations.builder(),
      ComputeCache.builder(),
      Health.builder(Contracts.defaults().healthCheck()),
      Telemetry.to(new SimpleMeterRegistry()),
      Validation.none());

  private static final List<Object> VALUES = List.of(
      "text",
      1,
      Path.of("none"),
      Duration.ofSeconds(1),
      JsonLimits.DEFAULT,
      ReadCacheOptions.defaults(),
      Contracts.defaults(),
      Validation.none(),
      Telemetry.to(new SimpleMeterRegistry()),
      MigrationMode.OFF,
      CachePolicy.ADAPTIVE,
      CheckScope.COMPONENT,
      new CacheTotals(),
      ComputeCache.builder().build(),
      Logs.standard(),
      Redactor.none());

  /** A parameter of a public method that sets something. */
  private record Setting(Object builder, Method method, int index) {

    Parameter parameter() {
      return method.getParameters()[index];
    }

    boolean isNullable() {
      return parameter().getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    void setNull() throws Throwable {
      Class<?>[] types = method.getParameterTypes();
      @Nullable Object[] given = new Object[types.length];
      for (int i = 0; i < given.length; i++) {
        given[i] = i == index ? null : value(types[i]);
      }
      try {
        method.invoke(builder, given);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    @Override
    public String toString() {
      return method.getDeclaringClass().getName() + "." + method.getName() + " " + parameter();
    }
  }

  private static Object value(Class<?> type) {
    if (type.isInterface() && type != Path.class) {
      return Proxy.newProxyInstance(
          type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> null);
    }
    return VALUES.stream()
        .filter(value -> type.isInstance(value) || (type == int.class && value instanceof Integer))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no value for " + type));
  }

  private static List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    for (Object builder : BUILDERS) {
      for (Method method : builder.getClass().getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers())
            && method.getReturnType() == builder.getClass()) {
          for (int i = 0; i < method.getParameterCount(); i++) {
            if (!method.getParameterTypes()[i].isPrimitive()) {
              settings.add(new Setting(builder, method, i));
            }
          }
        }
      }
    }
    return settings;
  }

  @TestFactory
  Stream<DynamicTest> whatIsMissingIsNamed() {
    assertThat(settings()).hasSizeGreaterThan(40);
    return settings().stream()
        .map(setting -> dynamicTest(setting.toString(), () -> {
          if (setting.isNullable()) {
            setting.setNull();
          } else {
            assertThatThrownBy(setting::setNull)
                .message()
                .containsIgnoringCase(setting.parameter().getName())
                .doesNotStartWith("Cannot ");
          }
        }));
  }

  @Test
  void noBuilderIsLeftOut() throws IOException, URISyntaxException {
    Path classes = Path.of(
        Holdfast.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(classes)) {
      assertThat(files
              .map(file -> classes.relativize(file).toString())
              .filter(file -> file.endsWith("$Builder.class"))
              .map(file -> file.replace('/', '.').replace(".class", "")))
          .isNotEmpty()
          .isSubsetOf(
              BUILDERS.stream().map(builder -> builder.getClass().getName()).toList());
    }
  }
}
