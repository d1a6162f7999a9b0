-- A retry of a rollback failure whose process died is due again, which the index of what is due left out.
DROP INDEX ${schema}.rollback_failure_due;

-- Reader: recovery, which retries what is due.
CREATE INDEX rollback_failure_due ON ${schema}.rollback_failure (next_retry_at)
  WHERE status IN ('open', 'retrying') AND next_retry_at IS NOT NULL;
COMMENT ON INDEX ${schema}.rollback_failure_due IS 'For recovery, which retries what is due.';
