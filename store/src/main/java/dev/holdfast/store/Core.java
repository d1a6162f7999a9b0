package dev.holdfast.store;

import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.activity.Activities;
import dev.holdfast.store.cache.internal.ReadCache;
import dev.holdfast.store.internal.Engine;
import dev.holdfast.store.internal.ForkStore;
import dev.holdfast.store.internal.HistoryReader;
import dev.holdfast.store.internal.Reader;
import dev.holdfast.store.internal.TagStore;
import dev.holdfast.store.internal.TransactionWriter;
import dev.holdfast.store.internal.Writer;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.validation.ValueRules;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all states of a store share. Immutable.
 *
 * @param engine runs statements
 * @param writes writes change sets, together with those of other callers
 * @param reader the statements that read
 * @param historyReader the statements that read history
 * @param writer the statements that write
 * @param transactionWriter the statements of explicit transactions
 * @param tags the statements of tags
 * @param forks the statements of forks
 * @param transactions runs transactions and knows those of the calling thread
 * @param limits what values may look like
 * @param rules what values have to be
 * @param retries keeps threads from getting in each other's way
 * @param counters of the whole store
 * @param cache states in memory
 * @param ids makes transaction ids
 * @param keepsSnapshots whether a state remembers its last snapshot
 * @param redactor knows what is sensitive in texts of failures
 * @param activities is told of what is done; null when nobody listens
 */
record Core(
    Engine engine,
    Writes writes,
    Reader reader,
    HistoryReader historyReader,
    Writer writer,
    TransactionWriter transactionWriter,
    TagStore tags,
    ForkStore forks,
    Transactions transactions,
    JsonLimits limits,
    ValueRules rules,
    Retries retries,
    Counters counters,
    ReadCache cache,
    Supplier<UUID> ids,
    boolean keepsSnapshots,
    Redactor redactor,
    @Nullable Activities activities) {}
