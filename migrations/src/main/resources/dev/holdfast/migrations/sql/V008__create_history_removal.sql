-- What retention removed. Written in the transaction that removes, so that it is neither more nor less than what is gone.
CREATE TABLE ${schema}.history_removal (
  state_id uuid        NOT NULL,
  run_id   uuid        NOT NULL,
  version  bigint      NOT NULL,
  removed  bigint      NOT NULL,
  folded   bigint      NOT NULL,
  actor    text,
  reason   text,
  began_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL,
  CONSTRAINT history_removal_pkey PRIMARY KEY (state_id, run_id),
  CONSTRAINT history_removal_version_is_positive CHECK (version > 0),
  CONSTRAINT history_removal_counts_are_not_negative CHECK (removed >= 0 AND folded >= 0)
);

COMMENT ON TABLE ${schema}.history_removal IS
  'One row per state and run of retention that removed rows of history. Which versions were cleared before, by whom and why, is in history_cut.';
COMMENT ON COLUMN ${schema}.history_removal.state_id IS 'The state, see state.';
COMMENT ON COLUMN ${schema}.history_removal.run_id IS 'One per run, the same for all its states.';
COMMENT ON COLUMN ${schema}.history_removal.version IS
  'Rows up to this version were removed unless a version that stays readable needs them.';
COMMENT ON COLUMN ${schema}.history_removal.removed IS 'Number of rows that were removed from change.';
COMMENT ON COLUMN ${schema}.history_removal.folded IS
  'Number of rows of change whose delta was replaced by the whole value, because the rows below were removed.';
COMMENT ON COLUMN ${schema}.history_removal.actor IS 'Who ran retention; null when not stated.';
COMMENT ON COLUMN ${schema}.history_removal.reason IS 'Why; null when not stated.';
COMMENT ON COLUMN ${schema}.history_removal.began_at IS 'Database time of the first removal.';
COMMENT ON COLUMN ${schema}.history_removal.ended_at IS 'Database time of the last removal.';
