CREATE TABLE ${schema}.history_cut (
  state_id       uuid        NOT NULL,
  version        bigint      NOT NULL,
  actor          text,
  reason         text,
  cut_at         timestamptz NOT NULL,
  transaction_id uuid        NOT NULL,
  CONSTRAINT history_cut_pkey PRIMARY KEY (state_id, version),
  CONSTRAINT history_cut_version_is_positive CHECK (version > 0)
);

COMMENT ON TABLE ${schema}.history_cut IS
  'One row per time that the history of a state was cleared: from then on nothing before the version is shown or can be returned to.';
COMMENT ON COLUMN ${schema}.history_cut.state_id IS 'The state, see state.';
COMMENT ON COLUMN ${schema}.history_cut.version IS 'The oldest version that stays readable; becomes state.oldest_version.';
COMMENT ON COLUMN ${schema}.history_cut.actor IS 'Who cleared the history; null when not stated.';
COMMENT ON COLUMN ${schema}.history_cut.reason IS 'Why, in the words of the actor; null when not stated.';
COMMENT ON COLUMN ${schema}.history_cut.cut_at IS 'Database time.';
COMMENT ON COLUMN ${schema}.history_cut.transaction_id IS 'Made by the client, one per call or transaction.';
