package dev.holdfast.integration.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Holdfast;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.State;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * A transaction over two states whose connection breaks at COMMIT is reported as what it became: done, and then it is there exactly once in
 * both states; or not committed, and then it is in neither, then or later. Two hundred cuts, at all moments and levels.
 */
@HoldfastTest
@Tag("G3")
@Tag("G4")
final class CommitCutTest {

  private static final int CUTS = Integer.getInteger("holdfast.commitCuts", 200);
  private static final List<Cut> MOMENTS = List.of(Cut.values());
  private static final List<Isolation> LEVELS =
      List.of(Isolation.READ_COMMITTED, Isolation.REPEATABLE_READ, Isolation.SERIALIZABLE);

  private final TestingProxy proxy;
  private final Holdfast holdfast;
  private String namespace = "";

  CommitCutTest(TestDatabase database) {
    this.proxy = TestingProxy.to(database);
    this.holdfast = Holdfast.builder()
        .jdbcUrl(proxy.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(3)
        .build();
  }

  @BeforeEach
  void beginWithNewStates(TestInfo test) {
    namespace = test.getDisplayName();
  }

  @AfterEach
  void close() {
    holdfast.close();
    proxy.close();
  }

  private static boolean isCommit(String sql) {
    return sql.equals("COMMIT");
  }

  private State<Integer> state(String name) {
    return holdfast.state(namespace, name, Integer.class);
  }

  @Test
  void everyOutcomeIsReportedRightAndNothingIsDoubled() {
    Random random = new Random(Seed.next("commit-cut"));
    List<Cut> cuts = shuffledCuts(random);
    Map<String, Boolean> reports = new LinkedHashMap<>();
    Map<Cut, Integer> landed = new EnumMap<>(Cut.class);
    for (int i = 0; i < cuts.size(); i++) {
      Cut cut = cuts.get(i);
      String actor = "transfer-" + i;
      boolean isDone = isReportedDone(cut, LEVELS.get(random.nextInt(LEVELS.size())), actor);
      assertIsThere(actor, isDone);
      if (cut == Cut.BEFORE_LATE_REQUEST) {
        proxy.deliver();
        assertIsThere(actor, isDone);
      }
      reports.put(actor, isDone);
      landed.merge(cut, isDone ? 1 : 0, Integer::sum);
    }
    reports.forEach(this::assertIsThere);
    long done = reports.values().stream().filter(isDone -> isDone).count();
    System.out.println(cuts.size() + " cuts at COMMIT; reported as done: " + landed);

    assertThat(List.of(state("left").version(), state("right").version())).containsOnly(done);
    assertThat(state("left").get("n")).contains((int) done);
    assertThat(holdfast.transactionMetrics().commitsInDoubt()).isEqualTo(cuts.size());
    // The control: a lost request and a lost reply look the same from here, and end differently.
    assertThat(landed)
        .containsEntry(Cut.BEFORE_REQUEST, 0)
        .containsEntry(Cut.BEFORE_LATE_REQUEST, 0)
        .containsEntry(Cut.BEFORE_REPLY, Collections.frequency(cuts, Cut.BEFORE_REPLY));
  }

  private static List<Cut> shuffledCuts(Random random) {
    List<Cut> cuts = new ArrayList<>();
    for (int i = 0; i < CUTS; i++) {
      cuts.add(MOMENTS.get(i % MOMENTS.size()));
    }
    Collections.shuffle(cuts, random);
    return cuts;
  }

  private boolean isReportedDone(Cut cut, Isolation level, String actor) {
    proxy.cutNext(cut, CommitCutTest::isCommit);
    try {
      holdfast.transaction(level, tx -> transfer(tx, actor));
      return true;
    } catch (TransientException e) {
      return false;
    } finally {
      assertThat(proxy.isArmed()).as("the cut happened, %s", cut).isFalse();
    }
  }

  private boolean transfer(Transaction transaction, String actor) {
    for (String name : List.of("left", "right")) {
      transaction
          .state(namespace, name, Integer.class)
          .by(actor)
          .compute("n", n -> n == null ? 1 : n + 1);
    }
    assertThat(transaction.attempt()).isOne();
    return true;
  }

  private void assertIsThere(String actor, boolean isDone) {
    for (String name : List.of("left", "right")) {
      List<Change<Integer>> changes =
          state(name).history(History.all().by(actor)).changes();
      assertThat(changes).as("changes of %s by %s", name, actor).hasSize(isDone ? 1 : 0);
    }
  }

  /** The connection that looks what became of the commit is lost as well, twice. */
  @Test
  void looksAgainWhenLookingIsCutToo() {
    proxy.cutNext(Cut.BEFORE_REPLY, CommitCutTest::isCommit);
    proxy.cutNext(Cut.BEFORE_REQUEST, sql -> sql.contains("c.transaction_id = $2"));
    proxy.cutNext(Cut.BEFORE_REPLY, sql -> sql.contains("c.transaction_id = $2"));

    holdfast.transaction(Isolation.READ_COMMITTED, tx -> transfer(tx, "twice"));

    assertThat(proxy.isArmed()).isFalse();
    assertIsThere("twice", true);
  }

  /** Before the COMMIT nothing can be in doubt: the server rolls back what it was never told to commit. */
  @Test
  void aConnectionThatIsLostBeforeTheCommitWroteNothing() {
    for (Cut cut : List.of(Cut.BEFORE_REQUEST, Cut.AFTER_REQUEST, Cut.BEFORE_REPLY)) {
      proxy.cutNext(cut, sql -> sql.contains("INSERT INTO holdfast.change"));
      assertThatThrownBy(() ->
              holdfast.transaction(Isolation.SERIALIZABLE, tx -> transfer(tx, "early-" + cut)))
          .isInstanceOf(TransientException.class);
      assertThat(proxy.isArmed()).isFalse();
      assertIsThere("early-" + cut, false);
    }
    assertThat(holdfast.transactionMetrics().commitsInDoubt()).isZero();
  }

  /** A transaction that only reads has nothing that could be in doubt. */
  @Test
  void aReadOnlyTransactionWhoseCommitIsLostSaysSo() {
    proxy.cutNext(Cut.BEFORE_REPLY, CommitCutTest::isCommit);
    assertThatThrownBy(() -> holdfast.transaction(
            TransactionOptions.of(Isolation.REPEATABLE_READ).readOnly(),
            tx -> tx.state(namespace, "left").version()))
        .isInstanceOf(TransientException.class);
  }
}
