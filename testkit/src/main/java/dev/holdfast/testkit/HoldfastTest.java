package dev.holdfast.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a migrated PostgreSQL database of its own, as a {@link TestDatabase} parameter of its constructor or of any of its
 * test and lifecycle methods.
 *
 * <pre>{@code
 * @HoldfastTest
 * class QuotaTest {
 *
 *   @Test
 *   void startsEmpty(TestDatabase database) {
 *     assertThat(database.queryLong("SELECT count(*) FROM holdfast.state")).isZero();
 *   }
 * }
 * }</pre>
 *
 * <p>The first such class of a JVM starts one server, which all classes share; the system property {@code holdfast.test.postgres} or
 * the environment variable {@code HOLDFAST_TEST_POSTGRES} says which:
 *
 * <ul>
 *   <li>{@code auto}, the default: a container where a Docker engine answers, otherwise an embedded server;
 *   <li>{@code container}: a container of the image named by {@code HOLDFAST_TEST_IMAGE}, by default {@code postgres:18-alpine};
 *   <li>{@code embedded}: a server unpacked from a jar;
 *   <li>a JDBC URL, with {@code user} and {@code password} in it: a server whose user may create databases.
 * </ul>
 *
 * <p>With {@code HOLDFAST_REQUIRE_CONTAINERS=true} the mode {@code auto} fails rather than fall back on an embedded server. Servers
 * that are started here write through to disk, and their time zone is {@code America/St_Johns}; a JDBC connection, however, takes the
 * time zone of its JVM.
 *
 * <p>The database lives from before the first test of the class until after the last; nested classes share that of their outer class.
 * A connection that is still open 30 seconds after the class ended fails the class, also with invariants off; one that nothing refers
 * to any more may go unnoticed, since the driver closes it when the garbage collector finds it.
 *
 * <p>At the end of the run one line on standard output and the file {@code holdfast-test-engine.txt} say how many tests ran on which
 * server. The file is written to the folder named by the system property {@code holdfast.test.report}, otherwise to {@code target}
 * where there is one.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(HoldfastExtension.class)
public @interface HoldfastTest {

  /**
   * Whether {@link Invariants} are checked after each test; a test that leaves them broken fails. Switch it off for tests that break
   * them on purpose.
   */
  boolean invariants() default true;
}
