package dev.holdfast.store.record;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The shared state of several agents that work on one session. Immutable.
 *
 * @param sessionId the session
 * @param agentCount how many agents take part, 0 or more
 * @param completedAgents the agents that are done, in the order they finished; empty by default
 * @param sharedContext what the agents tell each other; empty by default
 * @param generatedFiles what they made; empty by default
 * @param currentPhase free text, {@value #FIRST_PHASE} by default
 */
public record AgentCoordinationState(
    String sessionId,
    int agentCount,
    List<String> completedAgents,
    Map<String, JsonNode> sharedContext,
    List<String> generatedFiles,
    String currentPhase) {

  /** The phase of a new session. */
  public static final String FIRST_PHASE = "initialization";

  /** Checks the count, copies the collections and fills in the defaults of absent components. */
  public AgentCoordinationState(
      String sessionId,
      int agentCount,
      @Nullable List<String> completedAgents,
      @Nullable Map<String, JsonNode> sharedContext,
      @Nullable List<String> generatedFiles,
      @Nullable String currentPhase) {
    if (agentCount < 0) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, "agentCount must be 0 or more, not " + agentCount);
    }
    this.sessionId = sessionId;
    this.agentCount = agentCount;
    this.completedAgents = Defaults.copy(completedAgents);
    this.sharedContext = Defaults.copy(sharedContext);
    this.generatedFiles = Defaults.copy(generatedFiles);
    this.currentPhase = currentPhase == null ? FIRST_PHASE : currentPhase;
  }

  /** A new session, everything else at its default. */
  public static AgentCoordinationState of(String sessionId, int agentCount) {
    return new AgentCoordinationState(sessionId, agentCount, null, null, null, null);
  }

  /** Whether every one of these agents is done. */
  public boolean isReady(List<String> dependencies) {
    return completedAgents.containsAll(dependencies);
  }
}
