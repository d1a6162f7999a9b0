package dev.holdfast.contract.caching;

import dev.holdfast.contract.ContractPart;
import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import java.util.List;

/**
 * What makes cached states invalid beside their changes, which always do. Immutable.
 *
 * @param invalidationStrategy what makes an entry invalid beside changes, {@code ttl_based} by default
 * @param ttlSeconds after how long the database is asked about a state although no change of it was reported, in seconds; 1 or more, {@code
 *     300} by default
 * @param maxIdleSeconds how long a state that nobody reads is kept, in seconds; 1 or more, {@code 600} by default
 * @param invalidationTriggers further events that make entries invalid, {@code []} by default
 * @param batchInvalidation whether changes of other processes are found by polls alone, many at once, instead of when they are announced;
 *     {@code false} by default
 * @param lazyExpiration whether expired entries are removed when there are reads, {@code true} by default
 */
@Section("caching.invalidation_policy")
public record InvalidationPolicy(
    @Field(
        value = "ttl_based",
        min = 1,
        only = "ttl_based",
        because =
            "changes make entries invalid in any case, and beside them there is the time to live only",
        says = "what makes an entry invalid beside changes")
    String invalidationStrategy,

    @Field(
        value = "300",
        min = 1,
        says =
            "after how long the database is asked about a state although no change of it was reported, in seconds")
    int ttlSeconds,

    @Field(value = "600", min = 1, says = "how long a state that nobody reads is kept, in seconds")
    int maxIdleSeconds,

    @Field(
        value = "[]",
        only = "[]",
        because =
            "every change of a state makes its entry invalid, whoever made it; no other event could",
        says = "further events that make entries invalid")
    List<String> invalidationTriggers,

    @Field(
        value = "false",
        says =
            "whether changes of other processes are found by polls alone, many at once, instead of when they are announced")
    boolean batchInvalidation,

    @Field(
        value = "true",
        only = "true",
        because = "no thread waits for entries to expire",
        says = "whether expired entries are removed when there are reads")
    boolean lazyExpiration)
    implements ContractPart {

  /** Checks every field. */
  public InvalidationPolicy {
    invalidationTriggers = List.copyOf(invalidationTriggers);
    Checks.of(
            InvalidationPolicy.class,
            invalidationStrategy,
            ttlSeconds,
            maxIdleSeconds,
            invalidationTriggers,
            batchInvalidation,
            lazyExpiration)
        .verify();
  }
}
