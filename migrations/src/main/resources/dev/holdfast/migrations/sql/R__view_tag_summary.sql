CREATE OR REPLACE VIEW ${schema}.tag_summary AS
SELECT
  s.namespace,
  s.name,
  g.name AS tag,
  g.version,
  g.actor,
  ${schema}.redacted_text(g.reason) AS reason,
  g.tagged_at,
  g.removed_at,
  g.removed_by,
  ${schema}.redacted_text(g.removal_reason) AS removal_reason,
  g.transaction_id,
  s.state_id
FROM ${schema}.tag AS g
JOIN ${schema}.state AS s ON s.state_id = g.state_id;

COMMENT ON VIEW ${schema}.tag_summary IS
  'Every name of a version, those that were removed included: they have a time in removed_at.';
COMMENT ON COLUMN ${schema}.tag_summary.namespace IS 'Tenant or domain.';
COMMENT ON COLUMN ${schema}.tag_summary.name IS 'Name of the state within its namespace.';
COMMENT ON COLUMN ${schema}.tag_summary.tag IS 'Name of the version.';
COMMENT ON COLUMN ${schema}.tag_summary.version IS 'The version that it names.';
COMMENT ON COLUMN ${schema}.tag_summary.actor IS 'Who named it; null when not stated.';
COMMENT ON COLUMN ${schema}.tag_summary.reason IS 'Why; null when not stated.';
COMMENT ON COLUMN ${schema}.tag_summary.tagged_at IS 'Database time.';
COMMENT ON COLUMN ${schema}.tag_summary.removed_at IS 'Database time at which the name was removed; null while it holds.';
COMMENT ON COLUMN ${schema}.tag_summary.removed_by IS 'Who removed the name; null when not stated.';
COMMENT ON COLUMN ${schema}.tag_summary.removal_reason IS 'Why it was removed; null when not stated.';
COMMENT ON COLUMN ${schema}.tag_summary.transaction_id IS 'The call that named it.';
COMMENT ON COLUMN ${schema}.tag_summary.state_id IS 'Identity, see the function state_id.';
