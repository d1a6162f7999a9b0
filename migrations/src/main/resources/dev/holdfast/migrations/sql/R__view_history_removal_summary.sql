CREATE OR REPLACE VIEW ${schema}.history_removal_summary AS
SELECT
  s.namespace,
  s.name,
  r.version,
  r.removed,
  r.folded,
  r.actor,
  ${schema}.redacted_text(r.reason) AS reason,
  r.began_at,
  r.ended_at,
  r.run_id,
  s.state_id
FROM ${schema}.history_removal AS r
JOIN ${schema}.state AS s ON s.state_id = r.state_id;

COMMENT ON VIEW ${schema}.history_removal_summary IS 'What retention removed from the history of each state, run by run.';
COMMENT ON COLUMN ${schema}.history_removal_summary.namespace IS 'Tenant or domain.';
COMMENT ON COLUMN ${schema}.history_removal_summary.name IS 'Name of the state within its namespace.';
COMMENT ON COLUMN ${schema}.history_removal_summary.version IS
  'Rows up to this version were removed unless a version that stays readable needs them.';
COMMENT ON COLUMN ${schema}.history_removal_summary.removed IS 'Number of rows removed.';
COMMENT ON COLUMN ${schema}.history_removal_summary.folded IS 'Number of rows that became whole values.';
COMMENT ON COLUMN ${schema}.history_removal_summary.actor IS 'Who ran retention; null when not stated.';
COMMENT ON COLUMN ${schema}.history_removal_summary.reason IS 'Why; null when not stated.';
COMMENT ON COLUMN ${schema}.history_removal_summary.began_at IS 'Database time of the first removal.';
COMMENT ON COLUMN ${schema}.history_removal_summary.ended_at IS 'Database time of the last removal.';
COMMENT ON COLUMN ${schema}.history_removal_summary.run_id IS 'One per run, the same for all its states.';
COMMENT ON COLUMN ${schema}.history_removal_summary.state_id IS 'Identity, see the function state_id.';
