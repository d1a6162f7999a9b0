CREATE TABLE ${schema}.rollback_failure (
  effect_id       uuid        NOT NULL,
  position        integer[]   NOT NULL,
  failure_id      uuid        NOT NULL,
  status          text        NOT NULL,
  code            text        NOT NULL,
  message         text        NOT NULL,
  attempts        integer     NOT NULL,
  failed_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  changed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  owner           uuid,
  leased_until    timestamptz,
  next_retry_at   timestamptz,
  settled_by      text,
  note            text,
  request         json,
  reported_at     timestamptz,
  report_error    text,
  exception_chain text        NOT NULL,
  CONSTRAINT rollback_failure_pkey PRIMARY KEY (effect_id, position),
  CONSTRAINT rollback_failure_status_is_known CHECK (status IN ('open', 'retrying', 'resolved', 'skipped')),
  CONSTRAINT rollback_failure_attempts_is_positive CHECK (attempts > 0),
  CONSTRAINT rollback_failure_has_an_owner_while_retrying CHECK (
    (owner IS NOT NULL) = (status = 'retrying') AND (leased_until IS NOT NULL) = (status = 'retrying'))
);

COMMENT ON TABLE ${schema}.rollback_failure IS
  'One row per compensation that failed: what somebody has to look at, and how it was settled.';
COMMENT ON COLUMN ${schema}.rollback_failure.effect_id IS 'The effect transaction.';
COMMENT ON COLUMN ${schema}.rollback_failure.position IS 'The operation that could not be compensated.';
COMMENT ON COLUMN ${schema}.rollback_failure.failure_id IS 'Identity of the failure, derived from the two.';
COMMENT ON COLUMN ${schema}.rollback_failure.status IS
  'open; retrying: an attempt is under way; resolved: compensated by a retry or by a person; skipped: left as it is.';
COMMENT ON COLUMN ${schema}.rollback_failure.code IS
  'compensation_failed; outcome_unknown: nobody could tell whether the operation had an effect; handler_missing; changed_since: a step cannot be restored because somebody changed its keys.';
COMMENT ON COLUMN ${schema}.rollback_failure.message IS 'Message of the newest failure.';
COMMENT ON COLUMN ${schema}.rollback_failure.attempts IS 'How often compensation was attempted, retries included.';
COMMENT ON COLUMN ${schema}.rollback_failure.failed_at IS 'Database time of the first failure.';
COMMENT ON COLUMN ${schema}.rollback_failure.changed_at IS 'Database time of the status.';
COMMENT ON COLUMN ${schema}.rollback_failure.owner IS 'Who retries at the moment; null when nobody does.';
COMMENT ON COLUMN ${schema}.rollback_failure.leased_until IS
  'Database time after which another may retry; null when nobody does.';
COMMENT ON COLUMN ${schema}.rollback_failure.next_retry_at IS
  'Database time from which it is retried by itself; null when only a person does.';
COMMENT ON COLUMN ${schema}.rollback_failure.settled_by IS 'The person who settled it; null when it is open or a retry did.';
COMMENT ON COLUMN ${schema}.rollback_failure.note IS 'What that person said.';
COMMENT ON COLUMN ${schema}.rollback_failure.request IS
  'The changed request of the newest retry; null when the recorded one was used.';
COMMENT ON COLUMN ${schema}.rollback_failure.reported_at IS
  'Database time at which the callback was told; null when it was not yet, or there is none.';
COMMENT ON COLUMN ${schema}.rollback_failure.report_error IS 'What the callback failed with; null otherwise.';
COMMENT ON COLUMN ${schema}.rollback_failure.exception_chain IS 'The newest failure with all its causes, one a line.';

-- Reader: the list of what is to be settled, oldest first.
CREATE INDEX rollback_failure_unsettled ON ${schema}.rollback_failure (failed_at)
  WHERE status IN ('open', 'retrying');
COMMENT ON INDEX ${schema}.rollback_failure_unsettled IS 'For the list of what is to be settled, oldest first.';

-- Reader: recovery, which retries what is due.
CREATE INDEX rollback_failure_due ON ${schema}.rollback_failure (next_retry_at)
  WHERE status = 'open' AND next_retry_at IS NOT NULL;
COMMENT ON INDEX ${schema}.rollback_failure_due IS 'For recovery, which retries what is due.';

-- Reader: retry, skip and resolve, which name a failure by its identity.
CREATE INDEX rollback_failure_by_id ON ${schema}.rollback_failure (failure_id);
COMMENT ON INDEX ${schema}.rollback_failure_by_id IS 'For those who name a failure by its identity.';
