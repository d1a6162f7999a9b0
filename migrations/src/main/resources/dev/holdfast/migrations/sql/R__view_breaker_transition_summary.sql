CREATE OR REPLACE VIEW ${schema}.breaker_transition_summary AS
SELECT
  name,
  epoch,
  phase,
  since,
  process
FROM ${schema}.breaker_transition;

COMMENT ON VIEW ${schema}.breaker_transition_summary IS 'Every transition of every circuit breaker.';
COMMENT ON COLUMN ${schema}.breaker_transition_summary.name IS 'Name of the breaker.';
COMMENT ON COLUMN ${schema}.breaker_transition_summary.epoch IS 'Puts transitions in order.';
COMMENT ON COLUMN ${schema}.breaker_transition_summary.phase IS 'The phase that began.';
COMMENT ON COLUMN ${schema}.breaker_transition_summary.since IS 'Database time at which it began.';
COMMENT ON COLUMN ${schema}.breaker_transition_summary.process IS 'The process that caused it.';
