package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Patterns;
import dev.holdfast.contract.internal.Section;
import dev.holdfast.logging.LogForm;
import dev.holdfast.logging.LogSettings;
import dev.holdfast.redaction.Redactor;
import java.util.List;
import java.util.Locale;

/**
 * What is logged, and what is hidden in logs. Immutable.
 *
 * @param logLevel the least level that is logged, {@code INFO} by default
 * @param logFormat the form of log lines, {@code json} by default
 * @param enableContextLogging whether log lines carry the context of errors, {@code true} by default
 * @param enableCorrelationTracking whether log lines carry correlation ids, {@code true} by default
 * @param enableLogRedaction whether sensitive fields are hidden in texts for logs, {@code true} by default
 * @param sensitiveFieldPatterns names that are hidden in texts for logs, by whole words, {@code [password, secret, token, api_key,
 *     private_key, access_key]} by default
 * @param logBufferSize how many lines wait to be written; 10 to 10000, {@code 100} by default
 * @param enableAsyncLogging whether lines are written behind the caller, {@code true} by default
 */
@Section("logging")
public record LoggingContract(
    @Field(
        value = "INFO",
        only = {"DEBUG", "INFO", "WARNING", "ERROR"},
        because = "a rollback failure is logged at ERROR and must be seen",
        says = "the least level that Holdfast logs, as far as the backend logs it")
    Level logLevel,

    @Field(
        value = "json",
        says = "the form of messages: one JSON object, text, or text with key-value pairs")
    Format logFormat,

    @Field(value = "true", says = "whether log lines carry the code and context of errors")
    boolean enableContextLogging,

    @Field(value = "true", says = "whether effect_id and correlation_id are in the MDC")
    boolean enableCorrelationTracking,

    @Field(value = "true", says = "whether sensitive fields are hidden in texts for logs")
    boolean enableLogRedaction,

    @Field(
        value = "[password, secret, token, api_key, private_key, access_key]",
        says = "names that are hidden in texts for logs, by whole words")
    List<String> sensitiveFieldPatterns,

    @Field(
        value = "100",
        min = 10,
        max = 10000,
        says = "how many lines wait to be written; further ones are written by the caller")
    int logBufferSize,

    @Field(value = "true", says = "whether lines below ERROR are written behind the caller")
    boolean enableAsyncLogging)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public LoggingContract {
    sensitiveFieldPatterns = List.copyOf(sensitiveFieldPatterns);
    Checks.of(
            LoggingContract.class,
            logLevel,
            logFormat,
            enableContextLogging,
            enableCorrelationTracking,
            enableLogRedaction,
            sensitiveFieldPatterns,
            logBufferSize,
            enableAsyncLogging)
        .rule(
            !enableLogRedaction || !sensitiveFieldPatterns.isEmpty(),
            "needs a pattern while enable_log_redaction is true",
            "sensitive_field_patterns",
            "enable_log_redaction")
        .rule(
            Patterns.areDistinctWords(sensitiveFieldPatterns),
            Patterns.RULE,
            "sensitive_field_patterns")
        .verify();
  }

  /** What hides sensitive fields in texts for logs; changes nothing when redaction is off. */
  public Redactor redactor(String placeholder) {
    return enableLogRedaction ? Redactor.of(sensitiveFieldPatterns, placeholder) : Redactor.none();
  }

  /** How Holdfast logs. */
  public LogSettings settings(String placeholder) {
    return new LogSettings(
        logLevel.slf4j(),
        LogForm.valueOf(logFormat.name()),
        enableContextLogging,
        enableCorrelationTracking,
        enableAsyncLogging ? logBufferSize : 0,
        redactor(placeholder));
  }

  /** How much is logged. */
  public enum Level {
    /** Everything. */
    DEBUG,
    /** What happens. */
    INFO,
    /** What may need attention. */
    WARNING,
    /** What failed. */
    ERROR,
    /** What stops the service. */
    CRITICAL;

    private org.slf4j.event.Level slf4j() {
      return switch (this) {
        case DEBUG -> org.slf4j.event.Level.DEBUG;
        case INFO -> org.slf4j.event.Level.INFO;
        case WARNING -> org.slf4j.event.Level.WARN;
        case ERROR, CRITICAL -> org.slf4j.event.Level.ERROR;
      };
    }
  }

  /** The form of log lines. */
  public enum Format {
    /** One JSON object a line. */
    JSON,
    /** Text. */
    TEXT,
    /** Names and values. */
    STRUCTURED;

    /** The name in YAML. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
