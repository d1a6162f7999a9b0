package dev.holdfast.store;

import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** All that can be read of a state, to be compared before and after a call that must change nothing. */
record Content(long version, ObjectNode values, List<String> history) {

  static Content of(State<?> state) {
    return new Content(
        state.version(),
        state.snapshot().toJson(),
        state.history(History.all().limit(History.MAX_LIMIT)).changes().stream()
            .map(Change::toString)
            .toList());
  }
}
