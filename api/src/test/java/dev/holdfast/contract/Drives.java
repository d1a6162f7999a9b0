package dev.holdfast.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The fields whose effect a test shows: it fails when one of them is ignored. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Drives {

  /** Paths, such as {@code retry.max_retries}. */
  String[] value();
}
