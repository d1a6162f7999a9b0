package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Patterns;
import dev.holdfast.contract.internal.Section;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.json.JsonLimits;
import java.util.List;

/**
 * What is hidden, and what is not let in. Immutable.
 *
 * @param enableRedaction whether sensitive fields are hidden in texts, trees and messages, {@code true} by default
 * @param sensitiveFieldPatterns names that are hidden, by whole words, {@code [password, secret, token, api_key, private_key,
 *     access_key]} by default
 * @param redactionPlaceholder what stands in their place, {@code "[REDACTED]"} by default
 * @param enableInputSanitization whether values that could not be read back are refused, {@code true} by default
 * @param enableOutputSanitization whether what is written escapes control characters, {@code true} by default
 * @param enableSqlInjectionProtection whether values reach SQL as parameters only, {@code true} by default
 * @param enableXssProtection nothing: Holdfast writes no pages, {@code true} by default
 * @param enableCsrfProtection nothing: Holdfast answers no requests of browsers, {@code true} by default
 * @param maxInputLength the largest value of a state as JSON, in bytes; 1024 to 268435456, {@code 1048576} by default
 */
@Section("security")
public record SecurityContract(
    @Field(
        value = "true",
        says = "whether sensitive fields are hidden in texts, trees and messages")
    boolean enableRedaction,

    @Field(
        value = "[password, secret, token, api_key, private_key, access_key]",
        says = "names that are hidden, by whole words")
    List<String> sensitiveFieldPatterns,

    @Field(value = "\"[REDACTED]\"", min = 1, says = "what stands in their place")
    String redactionPlaceholder,

    @Field(
        value = "true",
        only = "true",
        because = "what could not be read back is always refused",
        says = "whether values that could not be read back are refused")
    boolean enableInputSanitization,

    @Field(
        value = "true",
        only = "true",
        because = "JSON always escapes control characters",
        says = "whether what is written escapes control characters")
    boolean enableOutputSanitization,

    @Field(
        value = "true",
        only = "true",
        because = "values always reach SQL as parameters",
        says = "whether values reach SQL as parameters only")
    boolean enableSqlInjectionProtection,

    @Field(
        value = "true",
        only = "true",
        because = "Holdfast writes no pages; text is data to it and stays as it was given",
        says = "nothing: Holdfast writes no pages")
    boolean enableXssProtection,

    @Field(
        value = "true",
        only = "true",
        because = "Holdfast answers no requests of browsers",
        says = "nothing: Holdfast answers no requests of browsers")
    boolean enableCsrfProtection,

    @Field(
        value = "1048576",
        min = 1024,
        max = 268435456,
        says = "the largest value of a state as JSON, in bytes")
    int maxInputLength)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public SecurityContract {
    sensitiveFieldPatterns = List.copyOf(sensitiveFieldPatterns);
    Checks.of(
            SecurityContract.class,
            enableRedaction,
            sensitiveFieldPatterns,
            redactionPlaceholder,
            enableInputSanitization,
            enableOutputSanitization,
            enableSqlInjectionProtection,
            enableXssProtection,
            enableCsrfProtection,
            maxInputLength)
        .rule(
            !enableRedaction || !sensitiveFieldPatterns.isEmpty(),
            "needs a pattern while enable_redaction is true",
            "sensitive_field_patterns",
            "enable_redaction")
        .rule(
            Patterns.areDistinctWords(sensitiveFieldPatterns),
            Patterns.RULE,
            "sensitive_field_patterns")
        .verify();
  }

  /** What hides sensitive fields; changes nothing when redaction is off. */
  public Redactor redactor() {
    return enableRedaction
        ? Redactor.of(sensitiveFieldPatterns, redactionPlaceholder)
        : Redactor.none();
  }

  /** The bounds of values: the size is the contract's, the rest as in {@link JsonLimits#DEFAULT}. */
  public JsonLimits limits() {
    JsonLimits rest = JsonLimits.DEFAULT;
    return new JsonLimits(
        maxInputLength, rest.maxDepth(), rest.maxNumberDigits(), rest.maxNumberExponent());
  }
}
