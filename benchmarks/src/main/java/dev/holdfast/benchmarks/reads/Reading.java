package dev.holdfast.benchmarks.reads;

import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.json.Json;
import java.util.List;

/**
 * Something to read, and the ways to read it. Immutable.
 *
 * @param operation what it is called in the tables
 * @param things how many different ones there are
 * @param before happens before each read and is not timed
 * @param readers the ways
 */
record Reading(String operation, int things, Runnable before, List<Reader> readers) {

  Reading(String operation, int things, Reader... readers) {
    this(operation, things, () -> {}, List.of(readers));
  }

  /**
   * Makes sure that all ways read the same.
   *
   * @throws IllegalStateException when they do not
   */
  void requireAgreement() {
    try {
      for (int thing = 0; thing < Math.min(things, 5); thing++) {
        Object expected = comparable(readers.get(0).read().read(thing));
        for (Reader reader : readers) {
          Object found = comparable(reader.read().read(thing));
          if (!found.equals(expected)) {
            throw new IllegalStateException(reader.name() + " reads something else than "
                + readers.get(0).name() + ": " + operation + " " + thing);
          }
        }
      }
    } catch (IllegalStateException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("Reading failed: " + operation, e);
    }
  }

  /** A snapshot and a map of JSON texts are the same when their trees are. */
  private static Object comparable(Object found) {
    if (found instanceof Snapshot<?> snapshot) {
      return Json.canonical(snapshot.toJson());
    }
    if (found instanceof JsonTexts texts) {
      return Json.canonical(texts.toJson());
    }
    return found;
  }

  Metric throughput() {
    return new Metric(operation, "1/s");
  }

  /** Throughput as a multiple of the same query by hand, in the same round. */
  Metric ofJdbc() {
    return new Metric(operation + " / JDBC", "");
  }

  Metric percentile(int percent) {
    return Metric.millis(operation + " p" + percent);
  }

  Metric roundTrips() {
    return new Metric("round trips per " + operation, "");
  }
}
