-- Names of versions. A name that is taken back keeps its row: who removed the protection of a version is part of the audit trail.
CREATE TABLE ${schema}.tag (
  state_id       uuid             NOT NULL,
  name           text COLLATE "C" NOT NULL,
  version        bigint           NOT NULL,
  actor          text,
  reason         text,
  tagged_at      timestamptz      NOT NULL,
  transaction_id uuid             NOT NULL,
  removed_at     timestamptz,
  removed_by     text,
  removal_reason text,
  removal_id     uuid,
  CONSTRAINT tag_pkey PRIMARY KEY (state_id, name, transaction_id),
  CONSTRAINT tag_name_has_1_to_512_bytes CHECK (octet_length(name) BETWEEN 1 AND 512),
  CONSTRAINT tag_version_is_not_negative CHECK (version >= 0),
  CONSTRAINT tag_removal_is_whole CHECK ((removed_at IS NULL) = (removal_id IS NULL)
    AND (removed_at IS NOT NULL OR (removed_by IS NULL AND removal_reason IS NULL)))
);

COMMENT ON TABLE ${schema}.tag IS
  'Names of versions. A version with a name stays readable, also when history is cleared; a row stays when its name is removed.';
COMMENT ON COLUMN ${schema}.tag.state_id IS 'The state, see state.';
COMMENT ON COLUMN ${schema}.tag.name IS 'The name, 1 to 512 bytes; one version per state and name, until it is removed.';
COMMENT ON COLUMN ${schema}.tag.version IS 'The version that it names.';
COMMENT ON COLUMN ${schema}.tag.actor IS 'Who named it; null when not stated.';
COMMENT ON COLUMN ${schema}.tag.reason IS 'Why, in the words of the actor; null when not stated.';
COMMENT ON COLUMN ${schema}.tag.tagged_at IS 'Database time.';
COMMENT ON COLUMN ${schema}.tag.transaction_id IS 'Made by the client, one per call.';
COMMENT ON COLUMN ${schema}.tag.removed_at IS 'Database time at which the name was removed; null while it holds.';
COMMENT ON COLUMN ${schema}.tag.removed_by IS 'Who removed the name; null when not stated.';
COMMENT ON COLUMN ${schema}.tag.removal_reason IS 'Why it was removed; null when not stated.';
COMMENT ON COLUMN ${schema}.tag.removal_id IS 'Made by the client for the call that removed the name.';

-- Readers: the version of a name, the names of a state, and whether a version has one.
CREATE UNIQUE INDEX tag_names_one_version ON ${schema}.tag (state_id, name) INCLUDE (version) WHERE removed_at IS NULL;
COMMENT ON INDEX ${schema}.tag_names_one_version IS 'Keeps a name unique per state as long as it holds, and finds it.';
