-- A fork refers to rows of the state that it was made from. Within a state the column stays null, so that a rollback writes no more than before.
ALTER TABLE ${schema}.change ADD COLUMN source_state_id uuid;
COMMENT ON COLUMN ${schema}.change.source_state_id IS
  'For reference: the state whose rows are folded, when it is another one (a fork); null for the same state.';

-- Reader: retention, which has to know who still refers to a row. Rollbacks and forks alone pay for it.
CREATE INDEX change_by_source ON ${schema}.change (coalesce(source_state_id, state_id), key, source_version)
  WHERE form = 'reference';
COMMENT ON INDEX ${schema}.change_by_source IS 'For finding the references to the rows of a state, from itself and from its forks.';

CREATE TABLE ${schema}.fork (
  state_id        uuid        NOT NULL,
  source_state_id uuid        NOT NULL,
  source_version  bigint      NOT NULL,
  actor           text,
  reason          text,
  forked_at       timestamptz NOT NULL,
  transaction_id  uuid        NOT NULL,
  CONSTRAINT fork_pkey PRIMARY KEY (state_id),
  CONSTRAINT fork_source_version_is_positive CHECK (source_version > 0),
  CONSTRAINT fork_is_of_another_state CHECK (source_state_id <> state_id)
);

COMMENT ON TABLE ${schema}.fork IS
  'One row per state that began as a fork: which version of which state its first version shares.';
COMMENT ON COLUMN ${schema}.fork.state_id IS 'The fork, see state.';
COMMENT ON COLUMN ${schema}.fork.source_state_id IS 'The state that it was made from.';
COMMENT ON COLUMN ${schema}.fork.source_version IS 'The version of that state.';
COMMENT ON COLUMN ${schema}.fork.actor IS 'Who made the fork; null when not stated.';
COMMENT ON COLUMN ${schema}.fork.reason IS 'Why, in the words of the actor; null when not stated.';
COMMENT ON COLUMN ${schema}.fork.forked_at IS 'Database time.';
COMMENT ON COLUMN ${schema}.fork.transaction_id IS 'Made by the client, one per call.';
