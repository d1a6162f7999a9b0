package dev.holdfast.effect.internal;

import static dev.holdfast.effect.TestingCalls.changed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.effect.StaleLeaseException;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.PooledSession;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writes to journals, and what their callers are told became of them. */
@HoldfastTest
@Tag("G10")
final class JournalStoreTest {

  private static final int COMPANY = 6;

  private final Owner owner = new Owner(UUID.randomUUID(), "test", Duration.ofSeconds(30));
  private final EffectId effect = newEffect();

  /** That a message of several had a write to the journal of {@link #effect}. */
  private final AtomicBoolean hadCompany = new AtomicBoolean();

  private final long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
  private final JournalStore store;

  JournalStoreTest(TestDatabase database) {
    this.store =
        new JournalStore(new PooledSession(watched(database.dataSource())), SchemaName.DEFAULT);
  }

  private static EffectId newEffect() {
    return new EffectId("work", UUID.randomUUID().toString());
  }

  private DataSource watched(DataSource dataSource) {
    return changed(
        DataSource.class,
        dataSource,
        (given, asked, with) -> given instanceof Connection
            ? changed(
                Connection.class,
                given,
                (made, preparing, sql) -> made instanceof PreparedStatement
                        && sql.get(0).toString().contains("SKIP LOCKED")
                    ? changed(PreparedStatement.class, made, this::look)
                    : made)
            : given);
  }

  private Object look(Object result, String method, List<?> arguments) {
    if (method.equals("setString")
        && String.valueOf(arguments.get(1)).contains(effect.uuid().toString())) {
      hadCompany.set(true);
    }
    return result;
  }

  /** Writes to the journals of others for as long as it takes. */
  private long keepCompany() {
    EffectId other = newEffect();
    store.send(other, owner, null, new JournalWrite());
    long revision = 1;
    while (!hadCompany.get() && System.nanoTime() < end) {
      store.send(other, owner, new Fence(other.uuid(), 1, revision), new JournalWrite());
      revision++;
    }
    return revision;
  }

  @Test
  @Timeout(60)
  void aWriteThatWasLeftOutOfAMessageIsNotTakenForTheOneBeforeIt() throws Exception {
    store.send(effect, owner, null, new JournalWrite());
    Fence behind = new Fence(effect.uuid(), 1, 1);
    assertThat(store.send(effect, owner, behind, new JournalWrite()))
        .isEqualTo(EffectStatus.RUNNING);
    ExecutorService threads = Executors.newFixedThreadPool(COMPANY);
    try {
      List<Future<Long>> company = new ArrayList<>();
      for (int i = 0; i < COMPANY; i++) {
        company.add(threads.submit(this::keepCompany));
      }
      while (!hadCompany.get() && System.nanoTime() < end) {
        assertThatThrownBy(() -> store.send(effect, owner, behind, new JournalWrite()))
            .isInstanceOf(StaleLeaseException.class);
      }
      for (Future<Long> one : company) {
        assertThat(one.get()).isPositive();
      }
      assertThat(hadCompany).as("it travelled with others").isTrue();
    } finally {
      hadCompany.set(true);
      threads.shutdownNow();
    }
  }
}
