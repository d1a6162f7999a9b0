package dev.holdfast.telemetry.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets the first hundred values of a tag through and calls all others {@value #OTHER}, so that names made of ids cannot flood a registry.
 * Safe for use by multiple threads.
 */
final class BoundedTag {

  static final int MOST = 100;
  static final String OTHER = "other";

  private final Set<String> known = ConcurrentHashMap.newKeySet();

  String of(String value) {
    if (known.contains(value)) {
      return value;
    }
    synchronized (known) {
      if (known.size() < MOST) {
        known.add(value);
        return value;
      }
    }
    return OTHER;
  }
}
