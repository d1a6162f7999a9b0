CREATE OR REPLACE VIEW ${schema}.change_summary AS
SELECT
  s.namespace,
  s.name,
  c.version,
  c.key,
  c.operation,
  c.actor,
  ${schema}.redacted_text(c.reason) AS reason,
  c.changed_at,
  c.form,
  ${schema}.redacted(c.key, c.payload) AS payload,
  c.transaction_id,
  c.xid,
  c.state_id,
  c.effect_id
FROM ${schema}.change AS c
JOIN ${schema}.state AS s ON s.state_id = c.state_id
WHERE c.version > s.oldest_version;

COMMENT ON VIEW ${schema}.change_summary IS
  'Every change that was not cleared, as it is stored: who changed which key, when and why. For append and patch the payload is the delta.';
COMMENT ON COLUMN ${schema}.change_summary.namespace IS 'Tenant or domain.';
COMMENT ON COLUMN ${schema}.change_summary.name IS 'Name of the state within its namespace.';
COMMENT ON COLUMN ${schema}.change_summary.version IS 'The version that this change made.';
COMMENT ON COLUMN ${schema}.change_summary.key IS 'The key that changed.';
COMMENT ON COLUMN ${schema}.change_summary.operation IS 'The call that made the change.';
COMMENT ON COLUMN ${schema}.change_summary.actor IS 'Who made the change; null when not stated.';
COMMENT ON COLUMN ${schema}.change_summary.reason IS 'Why; null when not stated.';
COMMENT ON COLUMN ${schema}.change_summary.changed_at IS 'Database time of the version.';
COMMENT ON COLUMN ${schema}.change_summary.form IS 'How the value is stored, see the column form of change.';
COMMENT ON COLUMN ${schema}.change_summary.payload IS 'The stored JSON, whole value or delta; see form.';
COMMENT ON COLUMN ${schema}.change_summary.transaction_id IS 'The call or transaction; groups the states that changed together.';
COMMENT ON COLUMN ${schema}.change_summary.xid IS 'The database transaction.';
COMMENT ON COLUMN ${schema}.change_summary.state_id IS 'Identity, see the function state_id.';
COMMENT ON COLUMN ${schema}.change_summary.effect_id IS
  'The effect transaction that made it, see effect_summary; null when none did.';
