package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import java.util.Locale;

/**
 * How documents are written, see {@link DocumentWriter}. Immutable.
 *
 * @param serializationFormat the language of what is written, {@code yaml} by default
 * @param enableCanonicalMode whether equal numbers are written alike: 1.50 as 1.5, {@code true} by default
 * @param enableDeterministicOutput whether equal documents give the same bytes, {@code true} by default
 * @param sortKeys whether keys are in order, {@code true} by default
 * @param enableUnicode whether letters beyond ASCII are written as they are, {@code true} by default
 * @param indentSize spaces a level; 1 to 8, {@code 2} by default
 * @param lineWidth the width at which YAML texts are folded, in characters; 80 to 200, {@code 120} by default
 * @param enableCompression whether what is written is compressed with gzip, {@code false} by default
 */
@Section("serialization")
public record SerializationContract(
    @Field(value = "yaml", says = "the language of what is written")
    Format serializationFormat,

    @Field(value = "true", says = "whether equal numbers are written alike: 1.50 as 1.5")
    boolean enableCanonicalMode,

    @Field(value = "true", says = "whether equal documents give the same bytes")
    boolean enableDeterministicOutput,

    @Field(value = "true", says = "whether keys are in order")
    boolean sortKeys,

    @Field(value = "true", says = "whether letters beyond ASCII are written as they are")
    boolean enableUnicode,

    @Field(value = "2", min = 1, max = 8, says = "spaces a level")
    int indentSize,

    @Field(
        value = "120",
        min = 80,
        max = 200,
        says = "the width at which YAML texts are folded, in characters")
    int lineWidth,

    @Field(value = "false", says = "whether what is written is compressed with gzip")
    boolean enableCompression)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public SerializationContract {
    Checks.of(
            SerializationContract.class,
            serializationFormat,
            enableCanonicalMode,
            enableDeterministicOutput,
            sortKeys,
            enableUnicode,
            indentSize,
            lineWidth,
            enableCompression)
        .rule(
            !enableDeterministicOutput || (sortKeys && enableCanonicalMode),
            "needs sort_keys and enable_canonical_mode",
            "enable_deterministic_output",
            "sort_keys",
            "enable_canonical_mode")
        .verify();
  }

  /** The language of what is written. */
  public enum Format {
    /** YAML 1.2. */
    YAML,
    /** JSON. */
    JSON;

    /** The name in YAML. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
