package dev.holdfast.integration.transaction;

import dev.holdfast.Holdfast;
import dev.holdfast.store.State;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.testkit.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** Opens a Holdfast for each test, whose states are its own. */
abstract class TransactionFixture {

  final TestDatabase database;
  final Holdfast holdfast;
  private String namespace = "";

  TransactionFixture(TestDatabase database) {
    this.database = database;
    this.holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .build();
  }

  @BeforeEach
  final void beginWithNewStates(TestInfo test) {
    namespace = test.getTestMethod().orElseThrow().getName() + " " + test.getDisplayName();
  }

  @AfterEach
  final void close() {
    holdfast.close();
  }

  final String namespace() {
    return namespace;
  }

  final State<Integer> state(String name) {
    return holdfast.state(namespace, name, Integer.class);
  }

  final State<Integer> state(Transaction transaction, String name) {
    return transaction.state(namespace, name, Integer.class);
  }
}
