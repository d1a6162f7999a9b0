package dev.holdfast.effect.internal;

import java.util.Locale;

/** Constants of enums as they are stored: in lower case. */
final class SqlName {

  private SqlName() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  static <E extends Enum<E>> E read(Class<E> type, String name) {
    return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
  }
}
