package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What reads like a chain and would only keep its last link must not compile. */
class ForgottenChainTest {

  @TempDir
  private Path folder;

  static Stream<Arguments> chains() {
    return Stream.of(
        Arguments.of("Changes.append(\"a\", 1).set(\"b\", 2)", false),
        Arguments.of("Changes.<Integer>append(\"a\", 1).andSet(\"b\", 2)", true),
        Arguments.of(
            "RetentionPolicy.keepVersions(5).keepYoungerThan(java.time.Duration.ofDays(1))", false),
        Arguments.of(
            "RetentionPolicy.keepVersions(5).orYoungerThan(java.time.Duration.ofDays(1))", true));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("chains")
  void compilesOnlyWhenNothingIsForgotten(String chain, boolean compiles) {
    List<String> errors = errors(chain);
    if (compiles) {
      assertThat(errors).isEmpty();
    } else {
      assertThat(errors)
          .singleElement()
          .asString()
          .contains("illegal static interface method call");
    }
  }

  private List<String> errors(String expression) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    compiler
        .getTask(
            null,
            null,
            found,
            List.of("-proc:none", "-d", folder.toString()),
            null,
            List.of(new Source(expression)))
        .call();
    return found.getDiagnostics().stream()
        .filter(one -> one.getKind() == Diagnostic.Kind.ERROR)
        .map(one -> one.getMessage(Locale.ENGLISH))
        .toList();
  }

  private static final class Source extends SimpleJavaFileObject {

    private final String expression;

    Source(String expression) {
      super(URI.create("string:///Chain.java"), Kind.SOURCE);
      this.expression = expression;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return """
          import dev.holdfast.store.Changes;
          import dev.holdfast.store.retention.RetentionPolicy;
          class Chain { Object made() { return %s; } }
          """.formatted(expression);
    }
  }
}
