package dev.holdfast.integration.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Arrows point one way, and what is inside stays inside. */
class ArchitectureTest {

  private static final JavaClasses HOLDFAST = new ClassFileImporter()
      .withImportOption(new ImportOption.DoNotIncludeTests())
      .importPackages("dev.holdfast")
      .that(com.tngtech.archunit.base.DescribedPredicate.describe(
          "of the published modules",
          type -> !type.getPackageName().startsWith("dev.holdfast.testkit")
              && !type.getPackageName().startsWith("dev.holdfast.integration")));

  private static final List<String> HIDDEN = List.of(
      "org.jooq",
      "com.zaxxer.hikari",
      "org.flywaydb",
      "org.postgresql",
      "io.zonky",
      "com.github.benmanes",
      "com.networknt",
      "org.snakeyaml");

  @Test
  void modulesDependInOneDirection() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("migrations")
        .definedBy("dev.holdfast.migrations..", "dev.holdfast.error..")
        .layer("store")
        .definedBy("dev.holdfast.store..", "dev.holdfast.redaction..", "dev.holdfast.logging..")
        .layer("effect")
        .definedBy("dev.holdfast.effect..")
        .layer("api")
        .definedBy(
            "dev.holdfast",
            "dev.holdfast.contract..",
            "dev.holdfast.cache..",
            "dev.holdfast.compute..",
            "dev.holdfast.event..",
            "dev.holdfast.health..",
            "dev.holdfast.telemetry..",
            "dev.holdfast.validation..")
        .whereLayer("api")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("effect")
        .mayOnlyBeAccessedByLayers("api")
        .whereLayer("store")
        .mayOnlyBeAccessedByLayers("effect", "api")
        .check(HOLDFAST);
  }

  @Test
  void noHiddenLibraryShowsInAPublicSignature() {
    classes()
        .that()
        .arePublic()
        .and()
        .resideOutsideOfPackages("..internal..")
        .should(showNoHiddenType())
        .check(HOLDFAST);
  }

  private static ArchCondition<JavaClass> showNoHiddenType() {
    return new ArchCondition<>(
        "show no type of jOOQ, HikariCP, Flyway, the driver or the embedded server") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        shownBy(type)
            .filter(shown -> HIDDEN.stream().anyMatch(shown::startsWith))
            .forEach(shown -> events.add(
                SimpleConditionEvent.violated(type, type.getName() + " shows " + shown)));
      }
    };
  }

  private static Stream<String> shownBy(JavaClass type) {
    Stream<String> supertypes = Stream.concat(
            type.getAllRawSuperclasses().stream(), type.getAllRawInterfaces().stream())
        .map(JavaClass::getName);
    Stream<String> units = type.getCodeUnits().stream()
        .filter(ArchitectureTest::isVisible)
        .flatMap(unit ->
            Stream.concat(Stream.of(unit.getRawReturnType()), unit.getRawParameterTypes().stream()))
        .map(JavaClass::getName);
    Stream<String> fields = type.getFields().stream()
        .filter(ArchitectureTest::isVisible)
        .map(field -> field.getRawType().getName());
    return Stream.of(supertypes, units, fields).flatMap(names -> names);
  }

  private static boolean isVisible(JavaCodeUnit unit) {
    return unit.getModifiers().contains(JavaModifier.PUBLIC)
        || unit.getModifiers().contains(JavaModifier.PROTECTED);
  }

  private static boolean isVisible(JavaField field) {
    return field.getModifiers().contains(JavaModifier.PUBLIC)
        || field.getModifiers().contains(JavaModifier.PROTECTED);
  }

  @Test
  void theRuleOnSignaturesFindsAViolation() {
    Set<String> shown =
        shownBy(new ClassFileImporter().importClass(ShowsFlyway.class)).collect(Collectors.toSet());
    assertThat(shown).anyMatch(name -> HIDDEN.stream().anyMatch(name::startsWith));
  }

  /** A control for the rule. */
  public static final class ShowsFlyway {
    /** What no published class may return. */
    public org.flywaydb.core.@org.jspecify.annotations.Nullable Flyway flyway() {
      return null;
    }
  }

  @Test
  void aSqlStateIsReadInOneClass() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.holdfast.error.internal.SqlFailure")
        .should()
        .callMethod(SQLException.class, "getSQLState")
        .check(HOLDFAST);
  }

  /** What is logged past it would be neither redacted nor carry ids. */
  @Test
  void logLinesGoThroughOnePackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.holdfast.logging..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("org.slf4j.LoggerFactory")
        .check(HOLDFAST);
  }

  @Test
  void theLibraryPrintsNothing() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(HOLDFAST);
  }

  @Test
  void everyPackageIsNullMarked() throws ClassNotFoundException {
    Set<String> packages = HOLDFAST.stream()
        .map(JavaClass::getPackageName)
        .filter(name -> !name.contains("internal.jooq"))
        .collect(Collectors.toCollection(TreeSet::new));
    for (String name : packages) {
      Class<?> info = Class.forName(name + ".package-info");
      assertThat(info.isAnnotationPresent(NullMarked.class)).as(name).isTrue();
    }
    assertThat(packages).hasSizeGreaterThan(8);
  }
}
