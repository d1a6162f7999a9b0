package dev.holdfast.effect.registry;

import dev.holdfast.effect.handler.EffectHandler;

/** Candidates that do nothing. */
final class TestingCandidates {

  private TestingCandidates() {}

  static EffectHandler<String, String> handler(String name) {
    return EffectHandler.of(name, String.class, String.class)
        .perform((context, request) -> request);
  }

  static Candidate candidate(String name, String provider) {
    return Candidate.of(handler(name)).provider(provider);
  }
}
