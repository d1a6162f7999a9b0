CREATE OR REPLACE VIEW ${schema}.history_cut_summary AS
SELECT
  s.namespace,
  s.name,
  h.version,
  h.actor,
  ${schema}.redacted_text(h.reason) AS reason,
  h.cut_at,
  h.transaction_id,
  s.state_id
FROM ${schema}.history_cut AS h
JOIN ${schema}.state AS s ON s.state_id = h.state_id;

COMMENT ON VIEW ${schema}.history_cut_summary IS
  'Every time that the history of a state was cleared: what is older than the version is not shown any more.';
COMMENT ON COLUMN ${schema}.history_cut_summary.namespace IS 'Tenant or domain.';
COMMENT ON COLUMN ${schema}.history_cut_summary.name IS 'Name of the state within its namespace.';
COMMENT ON COLUMN ${schema}.history_cut_summary.version IS 'The oldest version that stayed readable.';
COMMENT ON COLUMN ${schema}.history_cut_summary.actor IS 'Who cleared the history; null when not stated.';
COMMENT ON COLUMN ${schema}.history_cut_summary.reason IS 'Why; null when not stated.';
COMMENT ON COLUMN ${schema}.history_cut_summary.cut_at IS 'Database time.';
COMMENT ON COLUMN ${schema}.history_cut_summary.transaction_id IS 'The call or transaction.';
COMMENT ON COLUMN ${schema}.history_cut_summary.state_id IS 'Identity, see the function state_id.';
