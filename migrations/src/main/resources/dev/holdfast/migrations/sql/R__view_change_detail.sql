CREATE OR REPLACE VIEW ${schema}.change_detail AS
SELECT
  s.namespace,
  s.name,
  c.version,
  c.key,
  c.operation,
  before.version AS old_version,
  CASE WHEN before.form <> 'none' THEN ${schema}.value_at(c.state_id, c.key, before.version) END AS old_value,
  CASE WHEN c.form <> 'none' THEN ${schema}.value_at(c.state_id, c.key, c.version) END AS new_value,
  c.actor,
  ${schema}.redacted_text(c.reason) AS reason,
  c.changed_at,
  c.transaction_id,
  c.state_id,
  c.effect_id
FROM ${schema}.change AS c
JOIN ${schema}.state AS s ON s.state_id = c.state_id
LEFT JOIN LATERAL (
  SELECT b.version, b.form
  FROM ${schema}.change AS b
  WHERE b.state_id = c.state_id AND b.key >= c.key AND (b.key, b.version) < (c.key, c.version)
  ORDER BY b.key DESC, b.version DESC
  LIMIT 1
) AS before ON true
WHERE c.version > s.oldest_version;

COMMENT ON VIEW ${schema}.change_detail IS
  'Every change that was not cleared, with the value before and after. Values are computed for each row that is shown: filter, or page. The order of the pages is version DESC within a state.';
COMMENT ON COLUMN ${schema}.change_detail.namespace IS 'Tenant or domain.';
COMMENT ON COLUMN ${schema}.change_detail.name IS 'Name of the state within its namespace.';
COMMENT ON COLUMN ${schema}.change_detail.version IS 'The version that this change made.';
COMMENT ON COLUMN ${schema}.change_detail.key IS 'The key that changed.';
COMMENT ON COLUMN ${schema}.change_detail.operation IS 'The call that made the change.';
COMMENT ON COLUMN ${schema}.change_detail.old_version IS 'The version of the change of this key before; null for its first.';
COMMENT ON COLUMN ${schema}.change_detail.old_value IS 'The value before; null when the key was absent, JSON null when it held that.';
COMMENT ON COLUMN ${schema}.change_detail.new_value IS 'The value after; null when the change removed the key.';
COMMENT ON COLUMN ${schema}.change_detail.actor IS 'Who made the change; null when not stated.';
COMMENT ON COLUMN ${schema}.change_detail.reason IS 'Why; null when not stated.';
COMMENT ON COLUMN ${schema}.change_detail.changed_at IS 'Database time of the version.';
COMMENT ON COLUMN ${schema}.change_detail.transaction_id IS
  'The call or transaction; groups the states that changed together.';
COMMENT ON COLUMN ${schema}.change_detail.state_id IS 'Identity, see the function state_id.';
COMMENT ON COLUMN ${schema}.change_detail.effect_id IS
  'The effect transaction that made it, see effect_summary; null when none did.';
