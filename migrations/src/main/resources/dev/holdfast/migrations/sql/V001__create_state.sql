-- One row per state: its identity and its head.
-- The row is narrow and no mutable column is indexed, so that every new version is a heap-only update of it.
-- It has no CHECK for the reason told at the table change.
CREATE TABLE ${schema}.state (
  state_id       uuid             NOT NULL,
  namespace      text COLLATE "C" NOT NULL,
  name           text COLLATE "C" NOT NULL,
  version        bigint           NOT NULL,
  oldest_version bigint           NOT NULL DEFAULT 0,
  changed_at     timestamptz      NOT NULL,
  created_at     timestamptz      NOT NULL,
  CONSTRAINT state_pkey PRIMARY KEY (state_id)
) WITH (fillfactor = 70);

COMMENT ON TABLE ${schema}.state IS
  'One row per state: its identity and its head. Its row lock orders all writes of the state. Values are in change.';
COMMENT ON COLUMN ${schema}.state.state_id IS
  'Identity derived from namespace and name, see the function state_id(namespace, name).';
COMMENT ON COLUMN ${schema}.state.namespace IS 'Tenant or domain, 1 to 512 bytes.';
COMMENT ON COLUMN ${schema}.state.name IS 'Name of the state within its namespace, 1 to 512 bytes.';
COMMENT ON COLUMN ${schema}.state.version IS
  'Number of committed change sets, 0 for a state that was addressed but never changed; never goes down.';
COMMENT ON COLUMN ${schema}.state.oldest_version IS
  'The oldest version that can still be read or rolled back to; raised when history is cleared.';
COMMENT ON COLUMN ${schema}.state.changed_at IS
  'Database time of the newest version; strictly increasing per state, also when the clock goes back.';
COMMENT ON COLUMN ${schema}.state.created_at IS 'Database time at which the row was created.';

-- Reader: listings of the states of one namespace.
CREATE INDEX state_by_name ON ${schema}.state (namespace, name);
COMMENT ON INDEX ${schema}.state_by_name IS 'For listings of the states of a namespace, in order of name.';
