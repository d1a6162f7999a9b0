CREATE OR REPLACE VIEW ${schema}.value_summary AS
SELECT
  s.namespace,
  s.name,
  k.key,
  k.value,
  k.version,
  k.operation,
  k.actor,
  k.reason,
  k.changed_at,
  k.transaction_id,
  s.state_id
FROM ${schema}.state AS s
CROSS JOIN LATERAL ${schema}.state_keys(s.state_id, s.version) AS k;

COMMENT ON VIEW ${schema}.value_summary IS
  'What every state holds now: a row per key, with the change that made the value. Name the namespace and the name, or all states are read.';
COMMENT ON COLUMN ${schema}.value_summary.namespace IS 'Tenant or domain.';
COMMENT ON COLUMN ${schema}.value_summary.name IS 'Name of the state within its namespace.';
COMMENT ON COLUMN ${schema}.value_summary.key IS 'The key.';
COMMENT ON COLUMN ${schema}.value_summary.value IS 'Its value; JSON null is a value.';
COMMENT ON COLUMN ${schema}.value_summary.version IS 'The version that made the value.';
COMMENT ON COLUMN ${schema}.value_summary.operation IS 'The call that made the value.';
COMMENT ON COLUMN ${schema}.value_summary.actor IS 'Who made the value; null when not stated.';
COMMENT ON COLUMN ${schema}.value_summary.reason IS 'Why; null when not stated.';
COMMENT ON COLUMN ${schema}.value_summary.changed_at IS 'Database time of the version.';
COMMENT ON COLUMN ${schema}.value_summary.transaction_id IS 'The call or transaction that made the value.';
COMMENT ON COLUMN ${schema}.value_summary.state_id IS 'Identity, see the function state_id.';
