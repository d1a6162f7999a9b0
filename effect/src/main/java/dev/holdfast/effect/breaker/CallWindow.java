package dev.holdfast.effect.breaker;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * How many calls ended, failed and were slow within the last while. Immutable.
 *
 * <p>The window slides in tenths of its size, so it covers between nine and ten tenths of it: old calls leave it bit by bit and failures
 * further apart than its size never meet in it. At most ten buckets, however many calls there are.
 *
 * @param buckets tenths of the window in which calls ended, oldest first
 */
public record CallWindow(List<Bucket> buckets) {

  static final int PARTS = 10;

  /** A window without calls. */
  public static final CallWindow EMPTY = new CallWindow(List.of());

  /** Keeps a copy of the list. */
  public CallWindow {
    buckets = List.copyOf(buckets);
  }

  /**
   * The calls that ended in one part of the window.
   *
   * @param start where the part begins
   * @param calls how many calls ended, at least 0
   * @param failures how many of them failed, 0 to calls
   * @param slowCalls how many of them were slow, 0 to calls
   */
  public record Bucket(Instant start, long calls, long failures, long slowCalls) {

    /** Checks the ranges. */
    public Bucket {
      if (failures < 0 || slowCalls < 0 || calls < Math.max(failures, slowCalls)) {
        throw new HoldfastException(
            ErrorCode.INVALID_ARGUMENT,
            "Of %d calls, %d failures and %d slow ones are not possible"
                .formatted(calls, failures, slowCalls));
      }
    }

    private Bucket plus(boolean failed, boolean slow) {
      return new Bucket(start, calls + 1, failures + (failed ? 1 : 0), slowCalls + (slow ? 1 : 0));
    }
  }

  /** This window without what is older than its size, and without what seems to be in the future after the clock went backwards. */
  public CallWindow within(Duration size, Instant now) {
    Instant oldest = now.minus(size);
    return new CallWindow(buckets.stream()
        .filter(bucket -> bucket.start().isAfter(oldest) && !bucket.start().isAfter(now))
        .toList());
  }

  CallWindow plusCall(Duration size, Instant now, boolean failed, boolean slow) {
    List<Bucket> recent = within(size, now).buckets();
    Instant start = startOfPart(size, now);
    int last = recent.size() - 1;
    boolean fits = last >= 0 && !recent.get(last).start().isBefore(start);
    Bucket newest = fits ? recent.get(last) : new Bucket(start, 0, 0, 0);
    Stream<Bucket> older = recent.stream().limit(fits ? last : recent.size());
    return new CallWindow(
        Stream.concat(older, Stream.of(newest.plus(failed, slow))).toList());
  }

  private static Instant startOfPart(Duration size, Instant now) {
    long part = size.toMillis() / PARTS;
    return Instant.ofEpochMilli(Math.floorDiv(now.toEpochMilli(), part) * part);
  }

  /** How many calls ended. */
  public long calls() {
    return buckets.stream().mapToLong(Bucket::calls).sum();
  }

  /** How many calls failed. */
  public long failures() {
    return buckets.stream().mapToLong(Bucket::failures).sum();
  }

  /** How many calls took as long as the policy calls slow, whether they failed or not. */
  public long slowCalls() {
    return buckets.stream().mapToLong(Bucket::slowCalls).sum();
  }

  /** The share of calls that failed, 0 to 1; 0 when there was no call. */
  public double failureRate() {
    return share(failures());
  }

  /** The share of calls that were slow, 0 to 1; 0 when there was no call. */
  public double slowCallRate() {
    return share(slowCalls());
  }

  private double share(long some) {
    long all = calls();
    return all == 0 ? 0 : (double) some / all;
  }
}
