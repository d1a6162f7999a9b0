package dev.holdfast.benchmarks.memory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.holdfast.logging.Logs;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.cache.ReadMode;
import dev.holdfast.store.cache.internal.Content;
import dev.holdfast.store.cache.internal.ReadCache;
import dev.holdfast.store.cache.internal.Slot;
import dev.holdfast.store.cache.internal.WatchLink;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.internal.ChangeSet.Item;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Reads of a state of 1,000 keys from the read cache, beside a look into Caffeine. The cache is a real one: a server runs, and the watch asks
 * it what has changed. Shared by the threads of a benchmark.
 */
@State(Scope.Benchmark)
public class CacheBenchmarks {

  private static final int KEYS = 1_000;
  private static final long POLL_NANOS = 10_000_000;

  private final String[] keys = new String[KEYS];
  private final List<Item> change = List.of(Item.value("key-500", Operation.SET, "123456"));
  private final Cache<String, Integer> caffeine =
      Caffeine.newBuilder().maximumSize(10 * KEYS).build();
  private final Map<String, Integer> plain = new HashMap<>();
  private @Nullable Server server;
  private int next;

  /** Starts a server and fills the caches. */
  @Setup
  public void open() throws IOException {
    for (int i = 0; i < KEYS; i++) {
      keys[i] = "key-" + i;
      plain.put(keys[i], 1_000_000 + i);
    }
    caffeine.putAll(plain);
    server = Server.start(plain);
  }

  /** Stops the server. */
  @TearDown
  public void close() throws IOException {
    server().close();
  }

  private Server server() {
    if (server == null) {
      throw new IllegalStateException("The benchmark was not set up");
    }
    return server;
  }

  private String key() {
    next = next + 1 == KEYS ? 0 : next + 1;
    return keys[next];
  }

  /** A look into Caffeine, for comparison. */
  @Benchmark
  public @Nullable Integer caffeineGetIfPresent() {
    return caffeine.getIfPresent(key());
  }

  /** The value of a key. */
  @Benchmark
  public Optional<Integer> cachedGet() {
    return server().cached.get(key());
  }

  /** The value of a key of a state that is addressed anew. */
  @Benchmark
  public Optional<Integer> cachedGetOfNewState() {
    return server()
        .store
        .state("cache", "wide", Integer.class)
        .reading(ReadMode.CACHED)
        .get(key());
  }

  /** A snapshot of 1,000 keys when nothing has changed. */
  @Benchmark
  public Snapshot<Integer> cachedSnapshotUnchanged() {
    return server().cached.snapshot();
  }

  /** What a write of this process does to a state of 1,000 keys in memory, and the first look at it. */
  @Benchmark
  public @Nullable Content cachedWrite() {
    Server running = server();
    running.cache.wrote(running.slot.state(), ++running.version, change);
    return running.cache.current(running.slot, running.version);
  }

  /** What a write would do to a map that is copied, for comparison. */
  @Benchmark
  public Map<String, Integer> hashMapCopied() {
    Map<String, Integer> copy = new HashMap<>(plain);
    copy.put("key-500", next);
    return copy;
  }

  /** Everything that needs the server. */
  private static final class Server {

    private final EmbeddedPostgres postgres;
    private final StateStore store;
    private final dev.holdfast.store.State<Integer> cached;
    private final ReadCache cache;
    private final Slot slot;
    private long version;

    private Server(EmbeddedPostgres postgres, StateStore store, ReadCache cache) {
      this.postgres = postgres;
      this.store = store;
      this.cached = store.state("cache", "wide", Integer.class).reading(ReadMode.CACHED);
      this.cache = cache;
      this.slot = cache.slot(UUID.randomUUID());
    }

    static Server start(Map<String, Integer> values) throws IOException {
      EmbeddedPostgres postgres = EmbeddedPostgres.start();
      DataSource dataSource = postgres.getPostgresDatabase();
      Migrations.of(dataSource, SchemaName.DEFAULT).migrate();
      StateStore store = StateStore.builder(dataSource).build();
      store.state("cache", "wide", Integer.class).update(values);
      ReadCache cache = new ReadCache(
          ReadCacheOptions.defaults(),
          () -> WatchLink.open(dataSource, SchemaName.DEFAULT, true),
          Logs.standard().of(ReadCache.class));
      Server server = new Server(postgres, store, cache);
      server.fill(values);
      return server;
    }

    /** What is loaded before the watch has begun does not stay. */
    private void fill(Map<String, Integer> values) {
      cache.missed();
      cached.version();
      while (cache.metrics(0).polls() < 2 || store.readCacheMetrics().polls() < 2) {
        LockSupport.parkNanos(POLL_NANOS);
      }
      cached.version();
      cache.install(slot, Content.of(0, null, System.nanoTime()), cache.epoch());
      values.forEach((key, value) -> cache.wrote(
          slot.state(), ++version, List.of(Item.value(key, Operation.SET, value.toString()))));
      if (cache.current(slot, version) == null || cached.size() != values.size()) {
        throw new IllegalStateException("The cache is not filled");
      }
    }

    void close() throws IOException {
      cache.close();
      store.close();
      postgres.close();
    }
  }
}
