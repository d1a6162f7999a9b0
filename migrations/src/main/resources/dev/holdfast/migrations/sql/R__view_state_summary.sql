CREATE OR REPLACE VIEW ${schema}.state_summary AS
SELECT
  namespace,
  name,
  version,
  oldest_version,
  changed_at,
  created_at,
  state_id
FROM ${schema}.state;

COMMENT ON VIEW ${schema}.state_summary IS 'Every state with its newest version, without values.';
COMMENT ON COLUMN ${schema}.state_summary.namespace IS 'Tenant or domain.';
COMMENT ON COLUMN ${schema}.state_summary.name IS 'Name of the state within its namespace.';
COMMENT ON COLUMN ${schema}.state_summary.version IS 'Number of committed change sets.';
COMMENT ON COLUMN ${schema}.state_summary.oldest_version IS 'The oldest version that can still be read.';
COMMENT ON COLUMN ${schema}.state_summary.changed_at IS 'Database time of the newest version.';
COMMENT ON COLUMN ${schema}.state_summary.created_at IS 'Database time at which the state was first addressed by a write.';
COMMENT ON COLUMN ${schema}.state_summary.state_id IS 'Identity, see the function state_id.';
