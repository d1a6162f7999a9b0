CREATE OR REPLACE VIEW ${schema}.effect_operation_summary AS
SELECT
  t.name AS effect_name,
  t.id,
  o.position,
  o.kind,
  o.name,
  coalesce(c.status, r.status, 'intended') AS status,
  o.started_at,
  coalesce(c.changed_at, r.changed_at, o.started_at) AS changed_at,
  ${schema}.redacted(NULL, o.request) AS request,
  ${schema}.redacted(NULL, r.response) AS response,
  CASE WHEN c.status IS NULL THEN r.error ELSE c.error END AS error,
  o.effect_id,
  v.payload #>> '{}' AS provider,
  CASE WHEN o.kind <> 'scope' THEN o.effect_id || '/' || array_to_string(o.position, '.') END AS idempotency_key
FROM ${schema}.effect_operation AS o
JOIN ${schema}.effect_transaction AS t ON t.effect_id = o.effect_id
LEFT JOIN ${schema}.effect_outcome AS r ON r.effect_id = o.effect_id AND r.position = o.position
LEFT JOIN ${schema}.effect_compensation AS c ON c.effect_id = o.effect_id AND c.position = o.position
LEFT JOIN ${schema}.effect_payload AS v
  ON v.effect_id = o.effect_id AND v.position = o.position AND v.part = 'provider';

COMMENT ON VIEW ${schema}.effect_operation_summary IS
  'Every operation of every effect transaction, with what was asked and answered.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.effect_name IS 'Name of the effect transaction.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.id IS 'Id of the effect transaction.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.position IS 'Where it stands within the transaction.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.kind IS 'remote, step or scope.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.name IS 'Name of the handler, step or scope.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.status IS
  'intended, succeeded, failed, unknown, compensated, compensation_failed or skipped.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.started_at IS 'Database time at which it was first written down.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.changed_at IS 'Database time of its status.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.request IS 'What was asked; null for a step or scope.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.response IS 'What was answered; null when nothing was.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.error IS 'Why it failed; null otherwise.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.effect_id IS 'Identity of the effect transaction.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.provider IS
  'Whose candidate performed it; null for the default one, a step or a scope.';
COMMENT ON COLUMN ${schema}.effect_operation_summary.idempotency_key IS
  'The key by which the outside system knows the operation, or what undoes a step; null for a scope.';
