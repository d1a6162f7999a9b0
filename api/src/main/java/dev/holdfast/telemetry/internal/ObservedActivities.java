package dev.holdfast.telemetry.internal;

import dev.holdfast.error.internal.FailureFacts;
import dev.holdfast.redaction.FailureTypes;
import dev.holdfast.store.activity.Activity;
import dev.holdfast.store.activity.ActivityKind;
import dev.holdfast.store.activity.ActivityListener;
import dev.holdfast.store.internal.Closing;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes an observation of each activity, from which handlers make spans and timers. What an effect transaction does in other threads belongs
 * to the observation of the effect transaction. Safe for use by multiple threads.
 */
public final class ObservedActivities implements ActivityListener {

  private static final String SUBJECT = "holdfast.effect.id";

  private final ObservationRegistry registry;
  private final String prefix;
  private final List<String> common;
  private final ActivityTags tags;

  /** The observations of effect transactions under way, by their ids. */
  private final Map<String, Observation> effects = new ConcurrentHashMap<>();

  /**
   * Observes.
   *
   * @param common tags of all observations, keys and values in turn
   * @param tellsNamespaces whether operations of states have the namespace as a tag
   */
  public ObservedActivities(
      ObservationRegistry registry, String prefix, List<String> common, boolean tellsNamespaces) {
    this.registry = registry;
    this.prefix = prefix;
    this.common = List.copyOf(common);
    this.tags = new ActivityTags(tellsNamespaces);
  }

  @Override
  public Ending begun(Activity activity) {
    Observation observation = Observation.createNotStarted(
            ActivityTags.meter(activity.kind()).name(prefix), registry)
        .contextualName(
            activity.kind() == ActivityKind.TRANSACTION ? "transaction" : label(activity));
    low(observation, common);
    low(observation, tags.tags(activity));
    String subject = activity.subject();
    if (subject != null) {
      observation.highCardinalityKeyValue(SUBJECT, subject);
      if (registry.getCurrentObservation() == null && effects.containsKey(subject)) {
        observation.parentObservation(effects.get(subject));
      }
    }
    Observation.Scope before = registry.getCurrentObservationScope();
    Observation.Scope scope = started(observation, before);
    @Nullable Observation outer = enter(activity, observation);
    return failure -> {
      leave(activity, outer);
      Closing.all(
          List.of(() -> close(scope, before), () -> tell(observation, failure), observation::stop));
    };
  }

  /** A handler that fails keeps the rest from happening: who was told of the beginning is told of the end. */
  private Observation.Scope started(Observation observation, Observation.@Nullable Scope before) {
    try {
      observation.start();
      return observation.openScope();
    } catch (RuntimeException | Error e) {
      Closing.after(
          e,
          List.of(() -> close(registry.getCurrentObservationScope(), before), observation::stop));
      throw e;
    }
  }

  /** When a handler fails, the scope stays that of the thread, and what the application observes next would be a part of it. */
  @SuppressWarnings("ReferenceEquality") // The very scope is meant.
  private void close(Observation.@Nullable Scope scope, Observation.@Nullable Scope before) {
    try {
      if (scope != null && scope != before) {
        scope.close();
      }
    } finally {
      registry.setCurrentObservationScope(before);
    }
  }

  private static String label(Activity activity) {
    return activity.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " "
        + activity.name();
  }

  private static void low(Observation observation, List<String> tags) {
    for (int i = 0; i < tags.size(); i += 2) {
      observation.lowCardinalityKeyValue(tags.get(i), tags.get(i + 1));
    }
  }

  private @Nullable Observation enter(Activity activity, Observation observation) {
    return isWhole(activity) && activity.subject() != null
        ? effects.put(activity.subject(), observation)
        : null;
  }

  private void leave(Activity activity, @Nullable Observation outer) {
    if (isWhole(activity) && activity.subject() != null) {
      if (outer == null) {
        effects.remove(activity.subject());
      } else {
        effects.put(activity.subject(), outer);
      }
    }
  }

  private static boolean isWhole(Activity activity) {
    return activity.kind() == ActivityKind.EFFECT || activity.kind() == ActivityKind.ROLLBACK;
  }

  private static void tell(Observation observation, @Nullable Throwable failure) {
    observation.lowCardinalityKeyValue("outcome", ActivityTags.outcome(failure));
    if (failure != null) {
      observation.error(new ObservedFailure(failure));
    }
  }

  /** Stands for a failure where it leaves the process: its classes and its stack trace, without a word of what it says. */
  static final class ObservedFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ObservedFailure(Throwable failure) {
      super(FailureTypes.of(failure), null, false, true);
      setStackTrace(FailureFacts.stackTrace(failure));
    }
  }
}
