package dev.holdfast.telemetry.internal;

import dev.holdfast.store.activity.Activity;
import dev.holdfast.store.activity.ActivityKind;
import dev.holdfast.store.activity.ActivityListener;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Times activities. Safe for use by multiple threads. */
public final class TimedActivities implements ActivityListener {

  private final Meters meters;
  private final ActivityTags tags;
  private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

  /**
   * Times into meters.
   *
   * @param tellsNamespaces whether operations of states have the namespace as a tag
   */
  public TimedActivities(Meters meters, boolean tellsNamespaces) {
    this.meters = meters;
    this.tags = new ActivityTags(tellsNamespaces);
  }

  private record Key(ActivityKind kind, List<String> tags) {}

  @Override
  public Ending begun(Activity activity) {
    long start = System.nanoTime();
    return failure -> {
      long nanos = System.nanoTime() - start;
      List<String> all = new ArrayList<>(tags.tags(activity));
      all.add("outcome");
      all.add(ActivityTags.outcome(failure));
      Timer timer = timer(new Key(activity.kind(), all));
      if (timer != null) {
        timer.record(nanos, TimeUnit.NANOSECONDS);
      }
    };
  }

  private @Nullable Timer timer(Key key) {
    Timer timer = timers.get(key);
    return timer == null
        ? timers.computeIfAbsent(
            key, missing -> meters.timer(ActivityTags.meter(key.kind()), key.tags()))
        : timer;
  }
}
