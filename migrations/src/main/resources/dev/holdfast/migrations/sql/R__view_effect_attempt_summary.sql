CREATE OR REPLACE VIEW ${schema}.effect_attempt_summary AS
SELECT
  t.name AS effect_name,
  t.id,
  a.position,
  o.name,
  a.phase,
  a.epoch,
  a.number,
  a.started_at,
  a.ended_at,
  a.error,
  a.effect_id
FROM ${schema}.effect_attempt AS a
JOIN ${schema}.effect_transaction AS t ON t.effect_id = a.effect_id
JOIN ${schema}.effect_operation AS o ON o.effect_id = a.effect_id AND o.position = a.position;

COMMENT ON VIEW ${schema}.effect_attempt_summary IS
  'Every attempt to compensate or reconcile an operation, and every failed attempt to perform it.';
COMMENT ON COLUMN ${schema}.effect_attempt_summary.effect_name IS 'Name of the effect transaction.';
COMMENT ON COLUMN ${schema}.effect_attempt_summary.id IS 'Id of the effect transaction.';
COMMENT ON COLUMN ${schema}.effect_attempt_summary.position IS 'Where the operation stands.';
COMMENT ON COLUMN ${schema}.effect_attempt_summary.name IS 'Name of the operation.';
COMMENT ON COLUMN ${schema}.effect_attempt_summary.phase IS 'perform, reconcile, compensate or retry.';
COMMENT ON COLUMN ${schema}.effect_attempt_summary.epoch IS 'The run that made it.';
COMMENT ON COLUMN ${schema}.effect_attempt_summary.number IS 'Counted from 1 within operation, phase and epoch.';
COMMENT ON COLUMN ${schema}.effect_attempt_summary.started_at IS 'Database time.';
COMMENT ON COLUMN ${schema}.effect_attempt_summary.ended_at IS 'Database time; null when it never ended.';
COMMENT ON COLUMN ${schema}.effect_attempt_summary.error IS 'What it failed with; null when it succeeded or never ended.';
COMMENT ON COLUMN ${schema}.effect_attempt_summary.effect_id IS 'Identity of the effect transaction.';
