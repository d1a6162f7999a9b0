package dev.holdfast.effect.handler;

import org.jspecify.annotations.Nullable;

/** What was found out about an operation whose outcome was not known. Immutable. */
public sealed interface Reconciliation<S> {

  /** It was done, and this is what was answered. */
  static <S> Reconciliation<S> done(@Nullable S response) {
    return new Done<>(response);
  }

  /** It was not done, and will not be any more. */
  static <S> Reconciliation<S> notDone() {
    return new NotDone<>();
  }

  /** It was done. */
  record Done<S>(@Nullable S response) implements Reconciliation<S> {}

  /** It was not done. */
  record NotDone<S>() implements Reconciliation<S> {}
}
