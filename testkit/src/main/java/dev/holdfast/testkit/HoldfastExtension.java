package dev.holdfast.testkit;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Ties the databases to the life of test classes. JUnit closes what is kept in a context's store when the context ends: the databases of
 * a class after everything else of it, pools that other extensions close included, and the server after the last class.
 */
final class HoldfastExtension
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {

  private static final Namespace NAMESPACE = Namespace.create(HoldfastExtension.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    databases(context);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    run(context).countTest();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (hasInvariants(context)) {
      TestDatabase database = databases(context).main();
      Invariants.check(database.dataSource(), database.schema());
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestDatabase.class;
  }

  @Override
  public TestDatabase resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return databases(context).main();
  }

  private static boolean hasInvariants(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(
            context.getRequiredTestClass(), HoldfastTest.class, context.getEnclosingTestClasses())
        .map(HoldfastTest::invariants)
        .orElse(true);
  }

  /** A store also looks into those of the outer contexts: a nested class finds the databases of its outer class. */
  private static ClassDatabases databases(ExtensionContext context) {
    return context
        .getStore(NAMESPACE)
        .computeIfAbsent(
            ClassDatabases.class,
            key -> new ClassDatabases(run(context), context.getRequiredTestClass()),
            ClassDatabases.class);
  }

  private static TestRun run(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(TestRun.class, key -> TestRun.start(Settings.ofProcess()), TestRun.class);
  }
}
