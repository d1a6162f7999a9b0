package dev.holdfast.contract.internal;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a field of a contract may be. The type, and whether the value may be null, are the component's own; the name is the component's in
 * snake_case.
 */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Field {

  /** The default, as it would be written in YAML. */
  String value();

  /** The least number, least length of a text, or least element of a list of numbers. */
  double min() default Double.NEGATIVE_INFINITY;

  /** The largest number, largest length of a text, or largest element of a list of numbers. */
  double max() default Double.POSITIVE_INFINITY;

  /** What the field drives, as one line of documentation. */
  String says();

  /** The values that a component honours, as in YAML but texts without quotes, when these are not all that the range allows. */
  String[] only() default {};

  /** Why other values than those of {@link #only} are refused. */
  String because() default "";
}
