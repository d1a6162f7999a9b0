package dev.holdfast.integration.linearizable;

/** Versions from the lowest to the highest, both included. Immutable. */
record VersionRange(long lowest, long highest) {

  static VersionRange only(long version) {
    return new VersionRange(version, version);
  }

  boolean isEmpty() {
    return lowest > highest;
  }

  VersionRange intersection(VersionRange other) {
    return new VersionRange(Math.max(lowest, other.lowest), Math.min(highest, other.highest));
  }
}
