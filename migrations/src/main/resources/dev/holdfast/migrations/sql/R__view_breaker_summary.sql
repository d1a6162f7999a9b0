CREATE OR REPLACE VIEW ${schema}.breaker_summary AS
SELECT
  name,
  phase,
  since,
  epoch,
  changed_at
FROM ${schema}.breaker;

COMMENT ON VIEW ${schema}.breaker_summary IS 'Every circuit breaker that was ever open, as it stands.';
COMMENT ON COLUMN ${schema}.breaker_summary.name IS 'Name of the handler.';
COMMENT ON COLUMN ${schema}.breaker_summary.phase IS 'closed, open or half_open.';
COMMENT ON COLUMN ${schema}.breaker_summary.since IS 'Database time at which the phase began.';
COMMENT ON COLUMN ${schema}.breaker_summary.epoch IS 'Number of transitions so far.';
COMMENT ON COLUMN ${schema}.breaker_summary.changed_at IS 'Database time of the last change.';
