package dev.holdfast.store.record;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The state of a workflow that generates code. Immutable.
 *
 * @param workflowId the workflow
 * @param contractsParsed contracts by name; empty by default
 * @param generatedModels sources of models by name; empty by default
 * @param generatedValidators sources of validators by name; empty by default
 * @param generatedTests sources of tests by name; empty by default
 * @param typeRegistry types by name; empty by default
 * @param importStatements imports in order; empty by default
 * @param qualityMetrics figures by name; empty by default
 */
public record CodeGenerationState(
    String workflowId,
    Map<String, JsonNode> contractsParsed,
    Map<String, String> generatedModels,
    Map<String, String> generatedValidators,
    Map<String, String> generatedTests,
    Map<String, String> typeRegistry,
    List<String> importStatements,
    Map<String, Double> qualityMetrics) {

  /** Copies the collections and fills in the defaults of absent components. */
  public CodeGenerationState(
      String workflowId,
      @Nullable Map<String, JsonNode> contractsParsed,
      @Nullable Map<String, String> generatedModels,
      @Nullable Map<String, String> generatedValidators,
      @Nullable Map<String, String> generatedTests,
      @Nullable Map<String, String> typeRegistry,
      @Nullable List<String> importStatements,
      @Nullable Map<String, Double> qualityMetrics) {
    this.workflowId = workflowId;
    this.contractsParsed = Defaults.copy(contractsParsed);
    this.generatedModels = Defaults.copy(generatedModels);
    this.generatedValidators = Defaults.copy(generatedValidators);
    this.generatedTests = Defaults.copy(generatedTests);
    this.typeRegistry = Defaults.copy(typeRegistry);
    this.importStatements = Defaults.copy(importStatements);
    this.qualityMetrics = Defaults.copy(qualityMetrics);
  }

  /** A new workflow, everything else empty. */
  public static CodeGenerationState of(String workflowId) {
    return new CodeGenerationState(workflowId, null, null, null, null, null, null, null);
  }
}
