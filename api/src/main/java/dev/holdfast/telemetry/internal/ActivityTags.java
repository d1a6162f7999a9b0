package dev.holdfast.telemetry.internal;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.activity.Activity;
import dev.holdfast.store.activity.ActivityKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The meter and the tags of an activity; their values are few, whatever an application calls its things. Safe for use by multiple threads. */
final class ActivityTags {

  private static final String SUCCESS = "success";
  private static final String FAILURE = "failure";

  private final boolean tellsNamespaces;
  private final BoundedTag namespaces = new BoundedTag();
  private final BoundedTag names = new BoundedTag();

  ActivityTags(boolean tellsNamespaces) {
    this.tellsNamespaces = tellsNamespaces;
  }

  static MeterName meter(ActivityKind kind) {
    return switch (kind) {
      case STATE_OPERATION -> MeterName.STATE_OPERATION;
      case TRANSACTION -> MeterName.TRANSACTION_RUN;
      case EFFECT -> MeterName.EFFECT_RUN;
      case ROLLBACK -> MeterName.EFFECT_ROLLBACK;
      case PERFORM, COMPENSATE, RECONCILE, STEP -> MeterName.EFFECT_OPERATION;
    };
  }

  /** Keys and values in turn, without the outcome. */
  List<String> tags(Activity activity) {
    List<String> tags = new ArrayList<>();
    switch (activity.kind()) {
      case STATE_OPERATION -> {
        add(tags, "operation", activity.name());
        if (tellsNamespaces && activity.namespace() != null) {
          add(tags, "namespace", namespaces.of(activity.namespace()));
        }
      }
      case TRANSACTION -> add(tags, "isolation", lower(activity.name()));
      case EFFECT, ROLLBACK -> add(tags, "effect", names.of(activity.name()));
      case PERFORM, COMPENSATE, RECONCILE, STEP -> {
        add(tags, "phase", lower(activity.kind().name()));
        add(tags, "name", names.of(activity.name()));
      }
    }
    return tags;
  }

  private static void add(List<String> tags, String key, String value) {
    tags.add(key);
    tags.add(value);
  }

  /** How it ended: success, the code of one of Holdfast's failures, or failure. */
  static String outcome(@Nullable Throwable failure) {
    if (failure == null) {
      return SUCCESS;
    }
    return failure instanceof HoldfastException own ? lower(own.code().name()) : FAILURE;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
