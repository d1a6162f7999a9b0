package dev.holdfast.effect.registry;

import dev.holdfast.effect.registry.Ranking.Place;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is registered at one moment. Immutable: a change makes another one, so that a reader sees all of a change or nothing of it.
 *
 * @param byName the candidates of each name, the best first; names in the order of their first registration
 * @param byId the same by their ids
 * @param selection what is selected by hand
 */
record Shelf(
    Map<String, List<Registered>> byName, Map<String, Registered> byId, Selection selection) {

  private static final Comparator<Registered> PRECEDENCE = Comparator.<Registered>comparingInt(
          one -> one.candidate().priority())
      .thenComparingInt(one -> one.candidate().stackLevel())
      .thenComparingLong(Registered::number)
      .reversed();

  static final Shelf EMPTY = new Shelf(Map.of(), Map.of(), Selection.none());

  /**
   * A candidate that is registered.
   *
   * @param number in the order of registration
   */
  record Registered(Candidate candidate, long number) {}

  Shelf with(Registered added) {
    Map<String, List<Registered>> names = new LinkedHashMap<>(byName);
    List<Registered> others = names.getOrDefault(added.candidate().name(), List.of());
    names.put(
        added.candidate().name(),
        Stream.concat(others.stream(), Stream.of(added)).sorted(PRECEDENCE).toList());
    Map<String, Registered> ids = new HashMap<>(byId);
    ids.put(added.candidate().id(), added);
    return new Shelf(names, ids, selection);
  }

  Shelf without(Candidate removed) {
    Map<String, List<Registered>> names = new LinkedHashMap<>(byName);
    List<Registered> left = names.getOrDefault(removed.name(), List.of()).stream()
        .filter(one -> !one.candidate().id().equals(removed.id()))
        .toList();
    if (left.isEmpty()) {
      names.remove(removed.name());
    } else {
      names.put(removed.name(), left);
    }
    Map<String, Registered> ids = new HashMap<>(byId);
    ids.remove(removed.id());
    return new Shelf(names, ids, selection);
  }

  Shelf with(Selection another) {
    return new Shelf(byName, byId, another);
  }

  /** The one that serves a name; the same that {@link #rank} shows as active. */
  Optional<Candidate> active(String name) {
    List<Registered> candidates = byName.get(name);
    if (candidates == null) {
      return Optional.empty();
    }
    String selected = selected(name);
    return candidates.stream()
        .map(Registered::candidate)
        .filter(candidate -> selected == null || candidate.provider().equals(selected))
        .findFirst();
  }

  Ranking rank(String name) {
    List<Registered> order = new ArrayList<>(byName.getOrDefault(name, List.of()));
    String selected = order.isEmpty() ? null : selected(name);
    if (selected != null) {
      // The sort is stable: the others keep the order of precedence.
      order.sort(Comparator.comparing(one -> !one.candidate().provider().equals(selected)));
    }
    List<Place> places = new ArrayList<>();
    for (Registered one : order) {
      boolean fits = selected == null || one.candidate().provider().equals(selected);
      places.add(new Place(
          one.candidate(), one.number(), places.isEmpty() && fits, reasons(one, selected)));
    }
    return new Ranking(name, places);
  }

  private static List<String> reasons(Registered one, @Nullable String selected) {
    List<String> reasons = new ArrayList<>();
    if (selected != null) {
      reasons.add(
          one.candidate().provider().equals(selected)
              ? "selected by hand"
              : "provider " + selected + " is selected by hand");
    }
    reasons.add("priority " + one.candidate().priority());
    reasons.add("stack level " + one.candidate().stackLevel());
    reasons.add("registered as number " + one.number());
    return reasons;
  }

  @Nullable
  String selected(String name) {
    try {
      return selection.providerOf(name).orElse(null);
    } catch (RuntimeException e) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "The selection of a provider for handler \"" + name + "\" failed",
          Map.of("handler", name),
          e);
    }
  }
}
