-- History is the value store: every change of every key, written once and never updated.
-- The state's row is not referenced by a foreign key: its trigger would run on every write, and the only writer of this
-- table takes the lock of the state's row in the same transaction anyway.
-- For the same reason there is no CHECK: PostgreSQL reads the text of each anew for every statement, which made a single write
-- cost twice as much. What a row must look like is a rule of the test kit, see Invariants.
CREATE TABLE ${schema}.change (
  state_id       uuid             NOT NULL,
  key            text COLLATE "C" NOT NULL,
  version        bigint           NOT NULL,
  operation      text             NOT NULL,
  actor          text,
  reason         text,
  changed_at     timestamptz      NOT NULL,
  transaction_id uuid             NOT NULL,
  xid            xid8             NOT NULL DEFAULT pg_current_xact_id(),
  form           text             NOT NULL,
  base_version   bigint,
  source_version bigint,
  delta_count    integer,
  payload        json,
  CONSTRAINT change_pkey PRIMARY KEY (state_id, key, version)
);

COMMENT ON TABLE ${schema}.change IS
  'Append-only history and value store: one row per changed key and version. The value of a key at a version is its newest row at or below that version, see form.';
COMMENT ON COLUMN ${schema}.change.state_id IS 'The state, see state.';
COMMENT ON COLUMN ${schema}.change.key IS 'The key that changed, 1 to 512 bytes, ordered bytewise.';
COMMENT ON COLUMN ${schema}.change.version IS
  'The version that this change made; all rows of one state with the same version are one change set.';
COMMENT ON COLUMN ${schema}.change.operation IS 'The call that made the change.';
COMMENT ON COLUMN ${schema}.change.actor IS 'Who made the change: an agent, a step, a person; null when not stated.';
COMMENT ON COLUMN ${schema}.change.reason IS 'Why, in the words of the actor; null when not stated.';
COMMENT ON COLUMN ${schema}.change.changed_at IS 'Database time of the version, equal to state.changed_at at that version.';
COMMENT ON COLUMN ${schema}.change.transaction_id IS
  'Made by the client, one per call or transaction: tells after a lost connection whether the write landed, and groups the states that changed together.';
COMMENT ON COLUMN ${schema}.change.xid IS
  'The database transaction, for readers that must not skip a change that commits late.';
COMMENT ON COLUMN ${schema}.change.form IS
  'How the value is stored: value (payload is the whole value), append (payload is an array of elements to append to the value before), patch (payload is an RFC 6902 patch of the value before), reference (the value that the key had at source_version), none (the key is absent).';
COMMENT ON COLUMN ${schema}.change.base_version IS
  'For append, patch and reference: the version of the whole value from which folding starts.';
COMMENT ON COLUMN ${schema}.change.source_version IS
  'For reference: the version of the last row to fold; its value is the value of this change.';
COMMENT ON COLUMN ${schema}.change.delta_count IS
  'For append and patch: how many deltas, this one included, are folded onto the whole value at base_version.';
COMMENT ON COLUMN ${schema}.change.payload IS 'The stored JSON text, exactly as it was given; see form.';

-- Reader: history and audit in order of version, and the search for a version by time.
CREATE INDEX change_by_version ON ${schema}.change (state_id, version);
COMMENT ON INDEX ${schema}.change_by_version IS 'For history in order of version, and for finding the version at a time.';
