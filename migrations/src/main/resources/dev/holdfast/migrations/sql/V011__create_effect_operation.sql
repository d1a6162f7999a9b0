CREATE TABLE ${schema}.effect_operation (
  effect_id  uuid        NOT NULL,
  position   integer[]   NOT NULL,
  kind       text        NOT NULL,
  name       text        NOT NULL,
  status     text        NOT NULL,
  started_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  error      text,
  CONSTRAINT effect_operation_pkey PRIMARY KEY (effect_id, position),
  CONSTRAINT effect_operation_status_is_known CHECK (status IN (
    'intended', 'succeeded', 'failed', 'unknown', 'compensated', 'compensation_failed', 'skipped')),
  CONSTRAINT effect_operation_kind_is_known CHECK (kind IN ('remote', 'step', 'scope'))
) WITH (fillfactor = 70);

COMMENT ON TABLE ${schema}.effect_operation IS
  'One row per operation of an effect transaction. It is there before the operation is attempted.';
COMMENT ON COLUMN ${schema}.effect_operation.effect_id IS 'The effect transaction.';
COMMENT ON COLUMN ${schema}.effect_operation.position IS
  'Where it stands: {2} is the second operation, {2,1} the first within the scope at {2}. Compensation goes backwards.';
COMMENT ON COLUMN ${schema}.effect_operation.kind IS
  'remote: a call of a handler; step: a database transaction; scope: a part that can fail by itself.';
COMMENT ON COLUMN ${schema}.effect_operation.name IS 'Name of the handler, step or scope.';
COMMENT ON COLUMN ${schema}.effect_operation.status IS
  'intended: may be under way; succeeded; failed: it had no effect; unknown: whether it had one is not known; compensated; compensation_failed; skipped: has no compensation, or somebody decided to leave it.';
COMMENT ON COLUMN ${schema}.effect_operation.started_at IS 'Database time at which the operation was first written down.';
COMMENT ON COLUMN ${schema}.effect_operation.changed_at IS 'Database time of its status.';
COMMENT ON COLUMN ${schema}.effect_operation.error IS 'Why it failed or is not known; null otherwise.';

CREATE TABLE ${schema}.effect_payload (
  effect_id  uuid        NOT NULL,
  position   integer[]   NOT NULL,
  part       text        NOT NULL,
  payload    json        NOT NULL,
  written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT effect_payload_pkey PRIMARY KEY (effect_id, position, part),
  CONSTRAINT effect_payload_part_is_known CHECK (part IN (
    'request', 'response', 'written', 'compensation', 'restored', 'result'))
);

COMMENT ON TABLE ${schema}.effect_payload IS
  'What operations were asked and what they answered. Append-only, so that a change of status never carries it along.';
COMMENT ON COLUMN ${schema}.effect_payload.effect_id IS 'The effect transaction.';
COMMENT ON COLUMN ${schema}.effect_payload.position IS 'The operation; {} is the transaction itself.';
COMMENT ON COLUMN ${schema}.effect_payload.part IS
  'request and response of an operation; written: states and versions that a step made; compensation: what undoes a step instead of restoring; restored: the versions that undid it; result of the transaction.';
COMMENT ON COLUMN ${schema}.effect_payload.payload IS 'JSON text, exactly as it was given.';
COMMENT ON COLUMN ${schema}.effect_payload.written_at IS 'Database time.';

CREATE TABLE ${schema}.effect_attempt (
  effect_id  uuid        NOT NULL,
  position   integer[]   NOT NULL,
  phase      text        NOT NULL,
  epoch      bigint      NOT NULL,
  number     integer     NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at   timestamptz,
  error      text,
  CONSTRAINT effect_attempt_pkey PRIMARY KEY (effect_id, position, phase, epoch, number),
  CONSTRAINT effect_attempt_phase_is_known CHECK (phase IN ('perform', 'reconcile', 'compensate', 'retry')),
  CONSTRAINT effect_attempt_number_is_positive CHECK (number > 0)
);

COMMENT ON TABLE ${schema}.effect_attempt IS
  'Every attempt to compensate or reconcile an operation, and every attempt to perform it that failed.';
COMMENT ON COLUMN ${schema}.effect_attempt.effect_id IS 'The effect transaction.';
COMMENT ON COLUMN ${schema}.effect_attempt.position IS 'The operation.';
COMMENT ON COLUMN ${schema}.effect_attempt.phase IS
  'perform; reconcile: finding out whether it had an effect; compensate; retry: compensating again after a rollback failure.';
COMMENT ON COLUMN ${schema}.effect_attempt.epoch IS 'Epoch of the run that made it.';
COMMENT ON COLUMN ${schema}.effect_attempt.number IS 'Counted from 1 within operation, phase and epoch.';
COMMENT ON COLUMN ${schema}.effect_attempt.started_at IS
  'Database time; of a failed attempt to perform it is the time at which that was written.';
COMMENT ON COLUMN ${schema}.effect_attempt.ended_at IS
  'Database time; null while it is under way, and for ever when its process ended first.';
COMMENT ON COLUMN ${schema}.effect_attempt.error IS 'What it failed with; null when it succeeded or has not ended.';
