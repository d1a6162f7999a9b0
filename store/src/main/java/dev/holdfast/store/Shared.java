package dev.holdfast.store;

import dev.holdfast.store.internal.ChangeSet;
import dev.holdfast.store.internal.SqlWork;
import dev.holdfast.store.internal.WriteOutcome;
import dev.holdfast.store.json.Codec;

/** What all views of one state object share. Safe for use by multiple threads. */
final class Shared<V> {

  final StateId id;
  final Core core;
  final Codec<V> codec;
  final Counters counters;
  final Encoder<V> encoder;
  final Sender sender;
  final KeyEditor editor;
  final Edits<V> edits;
  final Snapshots<V> snapshots;

  Shared(StateId id, Core core, Codec<V> codec) {
    this.id = id;
    this.core = core;
    this.codec = codec;
    this.counters = new Counters(core.counters());
    this.encoder = new Encoder<>(codec, core.limits());
    this.sender = new Sender(id, core, counters);
    this.editor = new KeyEditor(id, core, counters, sender);
    this.edits = new Edits<>(id, codec, encoder, core.writer().deltasPerSnapshot());
    this.snapshots = new Snapshots<>(id, sender.uuid(), core, codec, counters);
  }

  long run(ChangeSet set, SqlWork<WriteOutcome> work, long target) {
    return sender.version(sender.run(set, work), target);
  }
}
