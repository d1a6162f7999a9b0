CREATE OR REPLACE VIEW ${schema}.fork_summary AS
SELECT
  s.namespace,
  s.name,
  o.namespace AS source_namespace,
  o.name AS source_name,
  f.source_version,
  f.actor,
  ${schema}.redacted_text(f.reason) AS reason,
  f.forked_at,
  f.transaction_id,
  f.state_id,
  f.source_state_id
FROM ${schema}.fork AS f
JOIN ${schema}.state AS s ON s.state_id = f.state_id
JOIN ${schema}.state AS o ON o.state_id = f.source_state_id;

COMMENT ON VIEW ${schema}.fork_summary IS 'Every state that began as a fork, and what it was made from.';
COMMENT ON COLUMN ${schema}.fork_summary.namespace IS 'Tenant or domain of the fork.';
COMMENT ON COLUMN ${schema}.fork_summary.name IS 'Name of the fork within its namespace.';
COMMENT ON COLUMN ${schema}.fork_summary.source_namespace IS 'Tenant or domain of the state that it was made from.';
COMMENT ON COLUMN ${schema}.fork_summary.source_name IS 'Name of the state that it was made from.';
COMMENT ON COLUMN ${schema}.fork_summary.source_version IS 'The version of that state.';
COMMENT ON COLUMN ${schema}.fork_summary.actor IS 'Who made the fork; null when not stated.';
COMMENT ON COLUMN ${schema}.fork_summary.reason IS 'Why; null when not stated.';
COMMENT ON COLUMN ${schema}.fork_summary.forked_at IS 'Database time.';
COMMENT ON COLUMN ${schema}.fork_summary.transaction_id IS 'The call that made the fork.';
COMMENT ON COLUMN ${schema}.fork_summary.state_id IS 'Identity of the fork, see the function state_id.';
COMMENT ON COLUMN ${schema}.fork_summary.source_state_id IS 'Identity of the state that it was made from.';
