CREATE OR REPLACE VIEW ${schema}.effect_change_summary AS
SELECT
  t.name AS effect_name,
  t.id,
  p.position,
  CASE p.part WHEN 'written' THEN 'step' ELSE 'undo' END AS phase,
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
  c.state_id,
  c.effect_id
FROM ${schema}.effect_payload AS p
JOIN ${schema}.effect_transaction AS t ON t.effect_id = p.effect_id
CROSS JOIN LATERAL json_array_elements(p.payload) AS w
JOIN ${schema}.state AS s ON s.state_id = ${schema}.state_id(w.value ->> 'namespace', w.value ->> 'name')
JOIN ${schema}.change AS c
  ON c.state_id = s.state_id AND c.version = (w.value ->> 'version')::bigint AND c.version > s.oldest_version
WHERE p.part IN ('written', 'restored');

COMMENT ON VIEW ${schema}.effect_change_summary IS
  'Every change of a state that the steps of effect transactions made or that undid them, and was not cleared: what an effect transaction did to which states. Filter by effect_id.';
COMMENT ON COLUMN ${schema}.effect_change_summary.effect_name IS 'Name of the effect transaction.';
COMMENT ON COLUMN ${schema}.effect_change_summary.id IS 'Id of the effect transaction.';
COMMENT ON COLUMN ${schema}.effect_change_summary.position IS 'The step, see effect_operation_summary.';
COMMENT ON COLUMN ${schema}.effect_change_summary.phase IS 'step: the step made the change; undo: its compensation did.';
COMMENT ON COLUMN ${schema}.effect_change_summary.namespace IS 'Tenant or domain of the state.';
COMMENT ON COLUMN ${schema}.effect_change_summary.name IS 'Name of the state within its namespace.';
COMMENT ON COLUMN ${schema}.effect_change_summary.version IS 'The version that the change made.';
COMMENT ON COLUMN ${schema}.effect_change_summary.key IS 'The key that changed.';
COMMENT ON COLUMN ${schema}.effect_change_summary.operation IS 'The call that made the change.';
COMMENT ON COLUMN ${schema}.effect_change_summary.actor IS 'Who made the change; null when not stated.';
COMMENT ON COLUMN ${schema}.effect_change_summary.reason IS 'Why; null when not stated.';
COMMENT ON COLUMN ${schema}.effect_change_summary.changed_at IS 'Database time of the version.';
COMMENT ON COLUMN ${schema}.effect_change_summary.form IS 'How the value is stored, see the column form of change.';
COMMENT ON COLUMN ${schema}.effect_change_summary.payload IS 'The stored JSON, whole value or delta; see form.';
COMMENT ON COLUMN ${schema}.effect_change_summary.transaction_id IS 'The call or transaction.';
COMMENT ON COLUMN ${schema}.effect_change_summary.state_id IS 'Identity of the state, see the function state_id.';
COMMENT ON COLUMN ${schema}.effect_change_summary.effect_id IS 'Identity of the effect transaction: state_id(effect_name, id).';
