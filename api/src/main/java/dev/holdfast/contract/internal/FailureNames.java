package dev.holdfast.contract.internal;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Kinds of failures by name, as contracts have them. A name is that of a class or of one of its superclasses, simple or full; the last word
 * {@code Error} or {@code Exception} and the case of letters do not count. Immutable.
 */
public final class FailureNames {

  /** What the two general names stand for in the JDK, where no common superclass does. */
  private static final Map<String, Set<String>> ALIASES = Map.of(
      "connection",
      Set.of(
          "socket",
          "unknownhost",
          "closedchannel",
          "sqltransientconnection",
          "sqlnontransientconnection"),
      "timeout",
      Set.of("sockettimeout", "httptimeout", "sqltimeout"));

  private final Set<String> stems = new HashSet<>();

  /** Names, in any order. */
  public FailureNames(List<String> names) {
    for (String name : names) {
      String stem = stem(name);
      stems.add(stem);
      stems.addAll(ALIASES.getOrDefault(stem, Set.of()));
    }
  }

  /** Whether a failure is of one of the kinds; its causes are not looked at. */
  public boolean match(Throwable failure) {
    for (Class<?> type = failure.getClass(); type != null; type = type.getSuperclass()) {
      if (stems.contains(stem(type.getSimpleName())) || stems.contains(stem(type.getName()))) {
        return true;
      }
    }
    return false;
  }

  private static String stem(String name) {
    return name.toLowerCase(Locale.ROOT).replaceFirst("(?<=.)(error|exception)$", "");
  }
}
