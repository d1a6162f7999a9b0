package dev.holdfast.redaction;

import dev.holdfast.error.internal.FailureFacts;
import dev.holdfast.store.feed.ChangeEvent;
import dev.holdfast.store.json.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * The sensitive values that somebody was given who failed, so that they are hidden also where his failure quotes them without their name. Texts of
 * at least four characters count; shorter ones would hide too much else. Used when something has failed, and only then. Confined to one thread.
 */
public final class KnownValues {

  private static final int SHORTEST = 4;
  private static final int MOST_FAILURES = 100;

  private final Redactor redactor;

  /** Longer ones first: one may be a part of another. */
  private final Set<String> values = new TreeSet<>(
      Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

  KnownValues(Redactor redactor) {
    this.redactor = redactor;
  }

  /** Learns the texts that stand under sensitive names, at any depth. */
  public KnownValues add(JsonNode tree) {
    learn(tree, false);
    return this;
  }

  /** Learns from a value: all its texts when its key is sensitive, else as by {@link #add(JsonNode)}. */
  public KnownValues add(String key, JsonNode value) {
    learn(value, redactor.isSensitive(key));
    return this;
  }

  /** Learns from the values of a change, by their keys. */
  public KnownValues add(ChangeEvent event) {
    event.keys().forEach(change -> change.payload().ifPresent(value -> add(change.key(), value)));
    return this;
  }

  private void learn(JsonNode tree, boolean sensitive) {
    if (tree.isString()) {
      if (sensitive && tree.stringValue().length() >= SHORTEST) {
        keep(tree.stringValue());
      }
    } else if (tree.isObject()) {
      boolean patched = redactor.isPatched(tree);
      for (Map.Entry<String, JsonNode> field : tree.properties()) {
        boolean isValue = patched && field.getKey().equals("value");
        learn(field.getValue(), sensitive || isValue || redactor.isSensitive(field.getKey()));
      }
    } else {
      tree.forEach(item -> learn(item, sensitive));
    }
  }

  /** As it is, and as it stands in JSON. */
  private void keep(String value) {
    values.add(value);
    String json = Json.write(Json.json(value));
    values.add(json.substring(1, json.length() - 1));
  }

  /**
   * Has the values hidden in what a failure says, and its causes and suppressed exceptions, wherever a redactor shows it. Failures that quote none
   * are left as they are; so is one that takes no suppressed exceptions.
   */
  public void hideIn(Throwable failure) {
    if (!values.isEmpty()) {
      hideIn(failure, Collections.newSetFromMap(new IdentityHashMap<>()));
    }
  }

  private void hideIn(Throwable failure, Set<Throwable> seen) {
    if (failure instanceof HiddenValues || seen.size() >= MOST_FAILURES || !seen.add(failure)) {
      return;
    }
    Throwable cause = FailureFacts.cause(failure);
    if (cause != null) {
      hideIn(cause, seen);
    }
    for (Throwable suppressed : failure.getSuppressed()) {
      hideIn(suppressed, seen);
    }
    String message = String.valueOf(FailureFacts.message(failure));
    List<String> quoted = values.stream().filter(message::contains).toList();
    if (!quoted.isEmpty() && !known(failure).containsAll(quoted)) {
      failure.addSuppressed(new HiddenValues(quoted));
    }
  }

  /** The values that are to be hidden in a failure, by itself and by what is below it. */
  static List<String> known(Throwable failure) {
    List<String> known = new ArrayList<>();
    known(failure, known, Collections.newSetFromMap(new IdentityHashMap<>()));
    known.sort(Comparator.comparingInt(String::length).reversed());
    return known;
  }

  private static void known(Throwable failure, List<String> to, Set<Throwable> seen) {
    if (seen.size() >= MOST_FAILURES || !seen.add(failure)) {
      return;
    }
    if (failure instanceof HiddenValues hidden) {
      to.addAll(hidden.values());
    }
    Throwable cause = FailureFacts.cause(failure);
    if (cause != null) {
      known(cause, to, seen);
    }
    for (Throwable suppressed : failure.getSuppressed()) {
      known(suppressed, to, seen);
    }
  }
}
