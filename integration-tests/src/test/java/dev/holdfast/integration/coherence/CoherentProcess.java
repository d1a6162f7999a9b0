package dev.holdfast.integration.coherence;

import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.integration.coherence.Seen.Kind;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
import dev.holdfast.store.cache.Announcements;
import dev.holdfast.store.cache.ReadCacheMetrics;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.cache.ReadMode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A process of its own that reads and writes a few states with many threads until it is told to stop, and leaves what they saw in a file.
 * Confined to its process.
 */
final class CoherentProcess {

  static final int STATES = 4;
  static final Duration BOUND = Duration.ofMillis(500);

  private static final Duration NEVER = Duration.ofMinutes(30);
  private static final int CONNECTIONS = 8;

  private final Care care;
  private final int number;
  private final Path folder;
  private final Holdfast holdfast;
  private final CarelessCache careless = new CarelessCache();

  private CoherentProcess(Care care, int number, Path folder, Holdfast holdfast) {
    this.care = care;
    this.number = number;
    this.folder = folder;
    this.holdfast = holdfast;
  }

  /** How the process caches. */
  enum Care {
    /** As it ships. */
    CAREFUL,
    /** Nobody asks whether what is in memory is still true, and no strict read tells by the way. */
    UNWATCHED,
    /** Asked often enough, but what was loaded last is kept, whatever its version. */
    UNSTAMPED
  }

  /** Arguments: care, JDBC URL, folder, number of the process, readers, writers, seed. */
  public static void main(String[] args) throws Exception {
    Care care = Care.valueOf(args[0]);
    int number = Integer.parseInt(args[3]);
    try (Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(args[1], "postgres", "postgres")
        .migrations(MigrationMode.OFF)
        .maximumPoolSize(CONNECTIONS)
        .readCache(options(care, number))
        .build()) {
      System.out.println("ready " + System.nanoTime());
      new CoherentProcess(care, number, Path.of(args[2]), holdfast)
          .run(
              Integer.parseInt(args[4]),
              Integer.parseInt(args[5]),
              new Random(Long.parseLong(args[6])));
    }
  }

  /** The last process neither hears nor announces. */
  private static ReadCacheOptions options(Care care, int number) {
    ReadCacheOptions options = ReadCacheOptions.defaults().pollInterval(Duration.ofMillis(100));
    if (care == Care.UNWATCHED) {
      return options.maximumStaleness(NEVER).pollInterval(NEVER).announcements(Announcements.NEVER);
    }
    return (number == 2 ? options.announcements(Announcements.NEVER) : options)
        .maximumStaleness(BOUND);
  }

  private void run(int readers, int writers, Random seeds) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(readers + writers);
    List<Future<List<Seen>>> running = new ArrayList<>();
    for (int i = 0; i < readers + writers; i++) {
      Client client = new Client(new Random(seeds.nextLong()), (number * 100L + i) * 10_000_000);
      running.add(threads.submit(i < readers ? client::read : client::write));
    }
    Path file = folder.resolve("seen-" + number);
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      for (Future<List<Seen>> one : running) {
        for (Seen seen : one.get()) {
          seen.write(out);
        }
      }
    }
    threads.shutdown();
    ReadCacheMetrics metrics = holdfast.readCacheMetrics();
    System.out.println("hits " + metrics.hits() + " misses " + metrics.misses() + " refreshes "
        + metrics.refreshes() + " polls " + metrics.polls() + " failures " + metrics.failures()
        + " resets "
        + metrics.resets());
  }

  private boolean isOver() {
    return Files.exists(folder.resolve("stop"));
  }

  /** One thread. */
  private final class Client {

    private final Random random;
    private final long first;
    private final List<Seen> seen = new ArrayList<>();
    private final List<State<Long>> strict = new ArrayList<>();
    private final List<State<Long>> cached = new ArrayList<>();

    Client(Random random, long first) {
      this.random = random;
      this.first = first;
      for (int i = 0; i < STATES; i++) {
        State<Long> state = holdfast.state("coherence", "s" + i, Long.class);
        strict.add(state);
        cached.add(state.reading(ReadMode.CACHED));
      }
    }

    List<Seen> read() throws InterruptedException {
      for (int i = 0; i % 64 != 0 || !isOver(); i++) {
        int state = random.nextInt(STATES);
        if (care != Care.UNWATCHED && random.nextInt(50) == 0) {
          record(
              Kind.STRICT,
              state,
              () -> random.nextBoolean() ? found(strict.get(state)) : all(strict.get(state)));
        } else {
          record(Kind.CACHED, state, () -> cached(state));
        }
        TimeUnit.MICROSECONDS.sleep(random.nextInt(4_000));
      }
      return seen;
    }

    private long[] cached(int state) {
      if (care == Care.UNSTAMPED) {
        return careless.get(state, () -> found(strict.get(state)));
      }
      return random.nextInt(4) > 0 ? found(cached.get(state)) : all(cached.get(state));
    }

    /** Every write writes the one key that is read, so that its version is the state's. */
    List<Seen> write() throws InterruptedException {
      for (int i = 0; !isOver(); i++) {
        int state = random.nextInt(STATES);
        long value = first + i;
        record(Kind.WRITE, state, () -> written(strict.get(state), value));
        TimeUnit.MILLISECONDS.sleep(random.nextInt(40));
      }
      return seen;
    }

    private long[] written(State<Long> state, long value) {
      long version = switch (random.nextInt(3)) {
        case 0 -> state.set("n", value);
        case 1 ->
          holdfast.transaction(
              tx -> tx.state("coherence", state.id().name(), Long.class).set("n", value));
        default -> {
          state.compute("n", before -> value);
          yield 0;
        }
      };
      return new long[] {version, value};
    }

    private long[] found(State<Long> state) {
      return state
          .find("n")
          .map(found -> new long[] {found.version(), found.value() == null ? 0 : found.value()})
          .orElseGet(() -> new long[2]);
    }

    private long[] all(State<Long> state) {
      Snapshot<Long> snapshot = state.snapshot();
      return new long[] {snapshot.version(), snapshot.get("n").orElse(0L)};
    }

    /** What fails has shown nothing: there is nothing to check. A write that tells no version is one by the value that it wrote. */
    private void record(Kind kind, int state, Call call) {
      long invoked = System.nanoTime();
      try {
        long[] shown = call.run();
        seen.add(new Seen(kind, number, state, shown[0], shown[1], invoked, System.nanoTime()));
      } catch (HoldfastException e) {
        pause();
      }
    }

    private void pause() {
      try {
        TimeUnit.MILLISECONDS.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Does a call. */
  interface Call {

    /** Version and value that it made or showed. */
    long[] run();
  }

  /** How one would do it in an afternoon: an entry for a while, written by whoever loaded last. */
  private static final class CarelessCache {

    private static final long FOR = Duration.ofMillis(100).toNanos();

    private final Map<Integer, long[]> shown = new ConcurrentHashMap<>();
    private final Map<Integer, Long> loadedAt = new ConcurrentHashMap<>();

    long[] get(int state, Call load) {
      long now = System.nanoTime();
      long[] known = shown.get(state);
      if (known != null && now - loadedAt.getOrDefault(state, 0L) < FOR) {
        return known;
      }
      long[] loaded = load.run();
      shown.put(state, loaded);
      loadedAt.put(state, now);
      return loaded;
    }
  }

  static List<Seen> seen(Path folder, int number) throws IOException {
    List<Seen> all = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(
        new BufferedInputStream(Files.newInputStream(folder.resolve("seen-" + number))))) {
      while (in.available() > 0) {
        all.add(Seen.read(in));
      }
    }
    return all;
  }
}
