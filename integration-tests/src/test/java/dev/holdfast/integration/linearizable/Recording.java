package dev.holdfast.integration.linearizable;

import java.util.List;

/**
 * Everything known about one state that concurrent clients used. Immutable.
 *
 * @param observations of the clients, in any order
 * @param log the state's own history at the end, in any order
 */
record Recording(List<Observation> observations, List<LoggedChange> log) {

  Recording {
    observations = List.copyOf(observations);
    log = List.copyOf(log);
  }
}
