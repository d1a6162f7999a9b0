package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.logging.Logs;
import dev.holdfast.store.StateId;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** A thread that comes to its end while it leads is the only one that learns of it: all others are answered, and so are those to come. */
@HoldfastTest
@Tag("G4")
final class GroupErrorTest {

  private static final int QUEUED = 8;

  private final Queue<Thread> writers = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(QUEUED + 1, work -> {
    Thread thread = new Thread(work);
    writers.add(thread);
    return thread;
  });
  private final AtomicInteger atTheDoor = new AtomicInteger();
  private final TestDatabase database;
  private final GroupCommit groupCommit;
  private volatile CountDownLatch door = new CountDownLatch(0);

  GroupErrorTest(TestDatabase database) {
    this.database = database;
    this.groupCommit = new GroupCommit(
        new PooledSession(source(database)),
        new Writer(database.schema(), 64),
        database.schema(),
        Duration.ofMinutes(5),
        Logs.standard());
  }

  private PGSimpleDataSource source(TestDatabase on) {
    PGSimpleDataSource source = new PGSimpleDataSource() {
      @Override
      public Connection getConnection() throws SQLException {
        CountDownLatch shut = door;
        atTheDoor.incrementAndGet();
        try {
          shut.await();
        } catch (InterruptedException e) {
          throw new SQLException(e);
        }
        return super.getConnection();
      }
    };
    source.setURL(on.jdbcUrl());
    source.setUser(on.user());
    source.setPassword(on.password());
    return source;
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
  }

  /** Each look of somebody else at one of the change sets fails once: while a message is made up, while it is sent, and while its answer is read. */
  @Test
  void whicheverLookAtAChangeSetFailsTheOthersAreAnswered() throws Exception {
    int failed = 0;
    for (int look = 1; ; look++) {
      Fuse fuse = new Fuse(look);
      StateId state = new StateId("group-error", UUID.randomUUID().toString());
      long written = writeTogether(state, fuse);
      assertThat(written).isBetween((long) QUEUED, QUEUED + 1L);
      failed += QUEUED + 1 - (int) written;
      assertThat(version(state)).isBetween(written, QUEUED + 1L);
      if (fuse.left.get() > 0) {
        assertThat(written).as("nothing failed").isEqualTo(QUEUED + 1);
        assertThat(failed).isEqualTo(look - 1).isGreaterThan(10);
        return;
      }
    }
  }

  /** How many were written, by what they were told. */
  private long writeTogether(StateId state, Fuse fuse) throws Exception {
    door = new CountDownLatch(1);
    int before = atTheDoor.get();
    List<Future<WriteOutcome>> writes = new ArrayList<>();
    writes.add(threads.submit(() -> groupCommit.write(set(state, 0, new Fuse(0)))));
    soon().until(() -> atTheDoor.get() > before);
    for (int i = 1; i <= QUEUED; i++) {
      int number = i;
      Fuse own = i == QUEUED ? fuse : new Fuse(0);
      writes.add(threads.submit(() -> groupCommit.write(set(state, number, own))));
      soon().until(() -> queued() == number);
    }
    door.countDown();
    long written = 0;
    for (Future<WriteOutcome> write : writes) {
      try {
        assertThat(write.get(30, TimeUnit.SECONDS)).isInstanceOf(WriteOutcome.Written.class);
        written++;
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(StackOverflowError.class);
      }
    }
    return written;
  }

  /** Looks often: there are some thirty rounds of nine writers. */
  private static ConditionFactory soon() {
    return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
  }

  private long queued() {
    return writers.stream()
        .filter(writer -> LockSupport.getBlocker(writer) == groupCommit)
        .count();
  }

  private long version(StateId state) {
    return database.queryLong(
        "SELECT version FROM holdfast.state WHERE state_id = '" + state.uuid() + "'");
  }

  private static ChangeSet set(StateId state, int number, Fuse fuse) {
    Item item = fuse.left.get() > 0
        ? Item.append("list", "[" + number + "]")
        : Item.value("key-" + number, Operation.SET, "1");
    return new ChangeSet(
        state,
        state.uuid(),
        new Author(null, null),
        UUID.randomUUID(),
        null,
        new FusedList(item, fuse));
  }

  /** How many looks of others are left until one fails; 0 for any number. */
  private static final class Fuse {
    private final AtomicInteger left;

    private Fuse(int looks) {
      this.left = new AtomicInteger(looks);
    }
  }

  /** One item that only the thread that made the list may look at as often as it likes. */
  private static final class FusedList extends AbstractList<Item> {
    private final Item item;
    private final Fuse fuse;
    private final Thread owner = Thread.currentThread();

    private FusedList(Item item, Fuse fuse) {
      this.item = item;
      this.fuse = fuse;
    }

    @Override
    public Item get(int index) {
      return item;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // The very thread is meant.
    public int size() {
      if (owner != Thread.currentThread()
          && fuse.left.get() > 0
          && fuse.left.decrementAndGet() == 0) {
        throw new StackOverflowError("no room left");
      }
      return 1;
    }
  }
}
