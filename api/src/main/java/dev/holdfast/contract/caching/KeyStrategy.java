package dev.holdfast.contract.caching;

import dev.holdfast.contract.ContractPart;
import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import org.jspecify.annotations.Nullable;

/**
 * How cached states are found. Immutable. All of it is fixed: a state is found in memory by the same identity as in the database.
 *
 * @param keyGenerationMethod how the key of an entry is made, {@code composite_hash} by default
 * @param namespace what all keys begin with, {@code null} by default
 * @param includeVersion whether an entry carries the version of its state, {@code true} by default
 * @param hashAlgorithm the hash of keys, {@code sha256} by default
 * @param keySeparator what stands between the parts of a key, {@code ":"} by default
 * @param maxKeyLength the longest key, in characters; 1 or more, {@code 250} by default
 */
@Section("caching.key_strategy")
public record KeyStrategy(
    @Field(
        value = "composite_hash",
        min = 1,
        only = "composite_hash",
        because = "the key of an entry is the identity of its state: a hash of namespace and name",
        says = "how the key of an entry is made")
    String keyGenerationMethod,

    @Field(
        value = "null",
        only = "null",
        because = "the namespace of a state is part of its key; no other is put before it",
        says = "what all keys begin with")
    @Nullable
    String namespace,

    @Field(
        value = "true",
        only = "true",
        because =
            "an entry without its version could show something older than what was shown before",
        says = "whether an entry carries the version of its state")
    boolean includeVersion,

    @Field(
        value = "sha256",
        min = 1,
        only = "sha256",
        because = "the identity of a state is made with SHA-256, in the database as well",
        says = "the hash of keys")
    String hashAlgorithm,

    @Field(
        value = "\":\"",
        min = 1,
        only = ":",
        because =
            "keys are hashes and have no parts; namespace and name are hashed with a NUL between, which neither can hold",
        says = "what stands between the parts of a key")
    String keySeparator,

    @Field(
        value = "250",
        min = 1,
        only = "250",
        because = "every key is a hash of 16 bytes, however long namespace and name are",
        says = "the longest key, in characters")
    int maxKeyLength)
    implements ContractPart {

  /** Checks every field. */
  public KeyStrategy {
    Checks.of(
            KeyStrategy.class,
            keyGenerationMethod,
            namespace,
            includeVersion,
            hashAlgorithm,
            keySeparator,
            maxKeyLength)
        .verify();
  }
}
