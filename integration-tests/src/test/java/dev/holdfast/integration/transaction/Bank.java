package dev.holdfast.integration.transaction;

import dev.holdfast.Holdfast;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.State;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.store.transaction.TransactionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Accounts, threads that move money between them, threads that look at all of them at once, and what each was told. A transfer is the
 * actor of its two changes, so history tells how often it was done. Safe for use by multiple threads.
 */
final class Bank {

  static final int ACCOUNTS = 8;
  static final int TOTAL = 800;

  private static final int HIGHEST_AMOUNT = 5;
  private static final int ATTEMPTS = 1000;

  private final String namespace;
  private final Transfer kind;
  private final Map<String, Told> transfers = new ConcurrentHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger looks = new AtomicInteger();
  private final Queue<Integer> wrongSums = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> surprises = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean isClosed;

  Bank(Transfer kind) {
    this.namespace = "bank " + kind;
    this.kind = kind;
  }

  void open(Holdfast holdfast) {
    for (int i = 0; i < ACCOUNTS; i++) {
      holdfast
          .state(namespace, "account-" + i, Integer.class)
          .by("opening")
          .set(Transfer.BALANCE, TOTAL / ACCOUNTS);
    }
  }

  void start(Holdfast holdfast, int tellers, int auditors, Random seeds) {
    for (int i = 0; i < tellers; i++) {
      Random random = new Random(seeds.nextLong());
      start("teller-" + threads.size(), () -> transfer(holdfast, random));
    }
    for (int i = 0; i < auditors; i++) {
      start("auditor-" + threads.size(), () -> look(holdfast));
    }
  }

  private void start(String name, Runnable work) {
    Thread thread = new Thread(
        () -> {
          try {
            while (!isClosed) {
              work.run();
            }
          } catch (RuntimeException | Error e) {
            surprises.add(e);
          }
        },
        name);
    threads.add(thread);
    thread.start();
  }

  void close() throws InterruptedException {
    isClosed = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void transfer(Holdfast holdfast, Random random) {
    String name = "transfer-" + numbers.incrementAndGet();
    int from = random.nextInt(ACCOUNTS);
    int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    int amount = 1 + random.nextInt(HIGHEST_AMOUNT);
    TransactionOptions options = TransactionOptions.of(kind.isolation()).maxAttempts(ATTEMPTS);
    try {
      holdfast.transaction(options, tx -> {
        kind.move(tx, account(tx, from).by(name), account(tx, to).by(name), amount);
        return true;
      });
      transfers.put(name, Told.DONE);
    } catch (HoldfastException e) {
      transfers.put(name, e.code() == ErrorCode.AMBIGUOUS_COMMIT ? Told.UNKNOWN : Told.NOT_DONE);
    }
  }

  private State<Integer> account(Transaction transaction, int number) {
    return transaction.state(namespace, "account-" + number, Integer.class);
  }

  /** All balances in one transaction that only reads. */
  private void look(Holdfast holdfast) {
    try {
      int sum = holdfast.transaction(
          TransactionOptions.of(Isolation.REPEATABLE_READ).readOnly(), this::sum);
      looks.incrementAndGet();
      if (sum != TOTAL) {
        wrongSums.add(sum);
      }
    } catch (HoldfastException e) {
      // A connection was broken: nothing was seen.
    }
  }

  private int sum(Transaction transaction) {
    int sum = 0;
    for (int i = 0; i < ACCOUNTS; i++) {
      sum += account(transaction, i).get(Transfer.BALANCE).orElseThrow();
    }
    return sum;
  }

  int sum(Holdfast holdfast) {
    return holdfast.transaction(Isolation.REPEATABLE_READ, this::sum);
  }

  int looks() {
    return looks.get();
  }

  List<Integer> wrongSums() {
    return List.copyOf(wrongSums);
  }

  List<Throwable> surprises() {
    return List.copyOf(surprises);
  }

  long count(Told told) {
    return transfers.values().stream().filter(told::equals).count();
  }

  /** The transfers that history has not as often as it must: twice, on two accounts, if done; never, if not; both or never, if unknown. */
  List<String> wrongInHistory(Holdfast holdfast) {
    Map<String, List<String>> found = new ConcurrentHashMap<>();
    for (int i = 0; i < ACCOUNTS; i++) {
      State<Integer> account = holdfast.state(namespace, "account-" + i, Integer.class);
      Optional<History> next = Optional.of(History.all().limit(1000));
      while (next.isPresent()) {
        HistoryPage<Integer> page = account.history(next.get());
        for (Change<Integer> change : page) {
          found
              .computeIfAbsent(change.actor().orElseThrow(), actor -> new ArrayList<>())
              .add(account.id().name());
        }
        next = page.next();
      }
    }
    return transfers.entrySet().stream()
        .filter(one -> !one.getValue().allows(found.getOrDefault(one.getKey(), List.of())))
        .map(one -> one + " " + found.get(one.getKey()))
        .toList();
  }

  /** What the caller of a transfer was told. */
  enum Told {
    DONE,
    NOT_DONE,
    UNKNOWN;

    private boolean allows(List<String> accounts) {
      boolean isDone = accounts.size() == 2 && !accounts.get(0).equals(accounts.get(1));
      return switch (this) {
        case DONE -> isDone;
        case NOT_DONE -> accounts.isEmpty();
        case UNKNOWN -> isDone || accounts.isEmpty();
      };
    }
  }
}
