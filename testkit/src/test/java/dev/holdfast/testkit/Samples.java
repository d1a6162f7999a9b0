package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Test classes that {@link HoldfastExtensionTest} runs; as nested classes they are not found otherwise. */
final class Samples {

  private static final String STATE_WITHOUT_HISTORY = """
      INSERT INTO holdfast.state (state_id, namespace, name, version, changed_at, created_at)
      VALUES (holdfast.state_id('broken', 'broken'), 'broken', 'broken', 1, now(), now())
      """;

  // The driver closes a connection that the garbage collector finds, and then there is no leak to
  // find.
  private static final Queue<Connection> LEAKED = new ConcurrentLinkedQueue<>();

  private Samples() {}

  static void closeLeaked() throws SQLException {
    for (Connection leaked = LEAKED.poll(); leaked != null; leaked = LEAKED.poll()) {
      leaked.close();
    }
  }

  @HoldfastTest(invariants = false)
  static final class First {

    @Test
    void findsNoStateAndLeavesOne(TestDatabase database) {
      assertThat(database.queryLong("SELECT count(*) FROM holdfast.state")).isZero();
      database.execute(STATE_WITHOUT_HISTORY);
    }
  }

  @HoldfastTest(invariants = false)
  static final class Second {

    @Test
    void findsNoStateAndLeavesOne(TestDatabase database) {
      assertThat(database.queryLong("SELECT count(*) FROM holdfast.state")).isZero();
      database.execute(STATE_WITHOUT_HISTORY);
    }

    @Nested
    final class Inside {

      @Test
      void findsTheStateOfTheOuterClass(TestDatabase database) {
        assertThat(database.queryLong("SELECT count(*) FROM holdfast.state")).isOne();
      }
    }
  }

  @HoldfastTest
  static final class Broken {

    @Test
    void breaksAnInvariant(TestDatabase database) {
      database.execute(STATE_WITHOUT_HISTORY);
    }
  }

  @HoldfastTest(invariants = false)
  static final class BrokenOnPurpose {

    @Test
    void breaksAnInvariant(TestDatabase database) {
      database.execute(STATE_WITHOUT_HISTORY);
    }

    @Nested
    final class Inside {

      @Test
      void findsItBrokenStill() {}
    }
  }

  @HoldfastTest
  static final class Leak {

    @Test
    void keepsAConnection(TestDatabase database) throws SQLException {
      assertThat(LEAKED.add(database.dataSource().getConnection())).isTrue();
    }
  }

  @HoldfastTest
  static final class FreshLeak {

    @Test
    void keepsAConnection(TestDatabase database) throws SQLException {
      assertThat(LEAKED.add(database.freshDatabase().dataSource().getConnection()))
          .isTrue();
    }
  }

  @HoldfastTest
  static final class ClosedLast {

    @AutoClose
    private static Connection connection;

    @BeforeAll
    static void connect(TestDatabase database) throws SQLException {
      connection = database.dataSource().getConnection();
    }

    @Test
    void usesTheConnectionOfTheClass() throws SQLException {
      assertThat(connection.isValid(1)).isTrue();
    }
  }
}
