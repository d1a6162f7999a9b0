package dev.holdfast.contract.internal;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Where a contract record stands in a file: the path of its mapping, such as {@code retry} or {@code caching.key_strategy}. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Section {

  /** The path, names joined by dots. */
  String value();
}
