CREATE OR REPLACE VIEW ${schema}.rollback_failure_summary AS
SELECT
  t.name AS effect_name,
  t.id,
  o.name AS operation,
  f.status,
  f.code,
  f.message,
  f.attempts,
  f.failed_at,
  f.changed_at,
  f.settled_by,
  f.note,
  f.reported_at,
  f.report_error,
  f.exception_chain,
  f.position,
  f.failure_id,
  f.effect_id,
  f.effect_id || '/' || array_to_string(f.position, '.') AS idempotency_key
FROM ${schema}.rollback_failure AS f
JOIN ${schema}.effect_transaction AS t ON t.effect_id = f.effect_id
JOIN ${schema}.effect_operation AS o ON o.effect_id = f.effect_id AND o.position = f.position;

COMMENT ON VIEW ${schema}.rollback_failure_summary IS 'Every compensation that failed, and how it was settled.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.effect_name IS 'Name of the effect transaction.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.id IS 'Id of the effect transaction.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.operation IS 'Name of the operation that could not be compensated.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.status IS 'open, retrying, resolved or skipped.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.code IS
  'compensation_failed, outcome_unknown, handler_missing or changed_since.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.message IS 'Message of the newest failure.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.attempts IS 'How often compensation was attempted.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.failed_at IS 'Database time of the first failure.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.changed_at IS 'Database time of the status.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.settled_by IS 'The person who settled it.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.note IS 'What that person said.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.reported_at IS 'When the callback was told.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.report_error IS 'What the callback failed with.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.exception_chain IS 'The newest failure with all its causes.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.position IS 'Where the operation stands.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.failure_id IS 'Identity of the failure.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.effect_id IS 'Identity of the effect transaction.';
COMMENT ON COLUMN ${schema}.rollback_failure_summary.idempotency_key IS
  'The key by which the outside system knows the operation.';
