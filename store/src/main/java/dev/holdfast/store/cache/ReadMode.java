package dev.holdfast.store.cache;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How current a read of a state has to be. Immutable.
 *
 * <pre>{@code
 * State<Integer> quota = store.state("quotas", "acme", Integer.class).reading(ReadMode.CACHED);
 * }</pre>
 */
public final class ReadMode {

  /** Every read asks the database and sees every write that returned before it began, by any process. The default. */
  public static final ReadMode STRICT = new ReadMode(false, 0);

  /**
   * A read may be answered from the memory of the process. It sees every write that returned longer ago than the
   * {@linkplain ReadCacheOptions#maximumStaleness() maximum staleness} before it began, and every write of this process that
   * returned before it began; it never goes back behind what this process was shown before. When memory cannot vouch for that, the read
   * asks the database.
   */
  public static final ReadMode CACHED = new ReadMode(true, 0);

  private final boolean cached;
  private final long minimumVersion;

  private ReadMode(boolean cached, long minimumVersion) {
    this.cached = cached;
    this.minimumVersion = minimumVersion;
  }

  /**
   * As {@link #CACHED}, and never older than a version, which for instance another process returned from its write.
   *
   * @param version 0 or more; when the state has no such version, reads fail with
   *     {@link dev.holdfast.store.StateVersionException}
   */
  public static ReadMode atLeast(long version) {
    if (version < 0) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "A version is 0 or more, not " + version,
          Map.of("version", version),
          null);
    }
    return new ReadMode(true, version);
  }

  /** Whether a read may be answered from memory. */
  public boolean isCached() {
    return cached;
  }

  /** The oldest version that a read may show, 0 for any. */
  public long minimumVersion() {
    return minimumVersion;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ReadMode that
        && cached == that.cached
        && minimumVersion == that.minimumVersion;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(minimumVersion) * 2 + (cached ? 1 : 0);
  }

  @Override
  public String toString() {
    if (!cached) {
      return "STRICT";
    }
    return minimumVersion == 0 ? "CACHED" : "atLeast(" + minimumVersion + ")";
  }
}
