package dev.holdfast.integration.transaction;

import dev.holdfast.store.State;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;

/** How money is moved between two accounts, and at which isolation level. */
enum Transfer {
  /** Reads both balances, then sets both. */
  SERIALIZABLE(Isolation.SERIALIZABLE) {
    @Override
    void move(Transaction transaction, State<Integer> from, State<Integer> to, int amount) {
      getThenSet(from, to, amount);
    }
  },
  /** Changes each balance by a function of it. */
  READ_COMMITTED_COMPUTE(Isolation.READ_COMMITTED) {
    @Override
    void move(Transaction transaction, State<Integer> from, State<Integer> to, int amount) {
      inOrder(from, to, () -> add(from, -amount), () -> add(to, amount));
    }
  },
  /** The control: reads both balances, then sets both, at a level that does not protect this. */
  READ_COMMITTED_GET_THEN_SET(Isolation.READ_COMMITTED) {
    @Override
    void move(Transaction transaction, State<Integer> from, State<Integer> to, int amount) {
      getThenSet(from, to, amount);
    }
  };

  static final String BALANCE = "balance";

  private final Isolation isolation;

  Transfer(Isolation isolation) {
    this.isolation = isolation;
  }

  Isolation isolation() {
    return isolation;
  }

  abstract void move(Transaction transaction, State<Integer> from, State<Integer> to, int amount);

  private static void getThenSet(State<Integer> from, State<Integer> to, int amount) {
    int fromBalance = from.get(BALANCE).orElseThrow();
    int toBalance = to.get(BALANCE).orElseThrow();
    inOrder(
        from,
        to,
        () -> from.set(BALANCE, fromBalance - amount),
        () -> to.set(BALANCE, toBalance + amount));
  }

  /** Every transfer takes its locks in the order of the names, or most of the time would go by until deadlocks are found. */
  private static void inOrder(
      State<Integer> from, State<Integer> to, Runnable onFrom, Runnable onTo) {
    boolean isFromFirst = from.id().name().compareTo(to.id().name()) < 0;
    (isFromFirst ? onFrom : onTo).run();
    (isFromFirst ? onTo : onFrom).run();
  }

  private static void add(State<Integer> account, int amount) {
    account.compute(BALANCE, balance -> balance == null ? null : balance + amount);
  }
}
