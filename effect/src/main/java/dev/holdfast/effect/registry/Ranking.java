package dev.holdfast.effect.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Why one candidate serves a name and the others do not. Immutable.
 *
 * @param name of the handler
 * @param places of all its candidates, the best first; empty when there are none
 */
public record Ranking(String name, List<Place> places) {

  /** Copies the list. */
  public Ranking {
    places = List.copyOf(places);
  }

  /** The one that serves it; empty when there is none, or when a provider is selected that is not registered. */
  public Optional<Candidate> active() {
    return places.stream().filter(Place::active).map(Place::candidate).findFirst();
  }

  /** The same as maps and lists of texts, numbers and flags, ready to be written as JSON. */
  public Map<String, Object> asMap() {
    List<Map<String, Object>> candidates = new ArrayList<>();
    for (Place place : places) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("provider", place.candidate().provider());
      one.put("priority", place.candidate().priority());
      one.put("stack_level", place.candidate().stackLevel());
      one.put("registered", place.registered());
      one.put("active", place.active());
      one.put("reasons", place.reasons());
      candidates.add(one);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("candidates", candidates);
    return map;
  }

  /**
   * Where a candidate stands. Immutable.
   *
   * @param candidate the candidate
   * @param registered its number in the order of registration, from 1, over all names and without gaps
   * @param active whether it serves the name
   * @param reasons what decided, in the order in which it counts
   */
  public record Place(Candidate candidate, long registered, boolean active, List<String> reasons) {

    /** Copies the list. */
    public Place {
      reasons = List.copyOf(reasons);
    }
  }
}
