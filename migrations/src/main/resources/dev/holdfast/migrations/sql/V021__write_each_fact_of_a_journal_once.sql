-- Each fact about an operation becomes one row that is written once: what is intended, with its request; how it ended, with its response; how it
-- was undone. Until now an outcome changed the row of the operation and came with a payload in a row of its own, as the request did: three
-- operations and a result were 17 rows and are 11, and rows are what a write to a journal costs.
CREATE TABLE ${schema}.effect_outcome (
  effect_id  uuid        NOT NULL,
  position   integer[]   NOT NULL,
  status     text        NOT NULL,
  changed_at timestamptz NOT NULL,
  error      text,
  response   json,
  CONSTRAINT effect_outcome_pkey PRIMARY KEY (effect_id, position)
);

COMMENT ON TABLE ${schema}.effect_outcome IS
  'How an operation ended. Written once; only an outcome that is not known is replaced, and has no response.';
COMMENT ON COLUMN ${schema}.effect_outcome.effect_id IS 'The effect transaction.';
COMMENT ON COLUMN ${schema}.effect_outcome.position IS 'The operation; {} is the transaction itself.';
COMMENT ON COLUMN ${schema}.effect_outcome.status IS
  'succeeded; failed: it had no effect; unknown: whether it had one is not known; intended: it was not known, and is attempted again.';
COMMENT ON COLUMN ${schema}.effect_outcome.changed_at IS 'Database time.';
COMMENT ON COLUMN ${schema}.effect_outcome.error IS 'Why it failed or is not known; null otherwise.';
COMMENT ON COLUMN ${schema}.effect_outcome.response IS
  'What was answered, or the result of the transaction: JSON text, exactly as it was given; null when nothing was.';

CREATE TABLE ${schema}.effect_compensation (
  effect_id  uuid        NOT NULL,
  position   integer[]   NOT NULL,
  status     text        NOT NULL,
  changed_at timestamptz NOT NULL,
  error      text,
  CONSTRAINT effect_compensation_pkey PRIMARY KEY (effect_id, position)
);

COMMENT ON TABLE ${schema}.effect_compensation IS
  'How it ended that an operation was to be undone; there is no row while nobody has tried.';
COMMENT ON COLUMN ${schema}.effect_compensation.effect_id IS 'The effect transaction.';
COMMENT ON COLUMN ${schema}.effect_compensation.position IS 'The operation.';
COMMENT ON COLUMN ${schema}.effect_compensation.status IS
  'compensated; compensation_failed, see rollback_failure; skipped: has no compensation, or somebody decided to leave it.';
COMMENT ON COLUMN ${schema}.effect_compensation.changed_at IS 'Database time of its status.';
COMMENT ON COLUMN ${schema}.effect_compensation.error IS 'Why it failed; null otherwise.';

ALTER TABLE ${schema}.effect_operation ADD COLUMN request json;

UPDATE ${schema}.effect_operation AS o
SET request = p.payload
FROM ${schema}.effect_payload AS p
WHERE p.effect_id = o.effect_id AND p.position = o.position AND p.part = 'request';

-- What came before the compensation was not kept. What has a response had succeeded.
INSERT INTO ${schema}.effect_outcome (effect_id, position, status, changed_at, error, response)
SELECT o.effect_id, o.position,
  CASE
    WHEN o.status IN ('succeeded', 'failed', 'unknown') THEN o.status
    WHEN o.kind = 'remote' AND p.part IS NULL THEN 'unknown'
    ELSE 'succeeded'
  END,
  o.changed_at,
  CASE WHEN o.status IN ('failed', 'unknown') THEN o.error END,
  p.payload
FROM ${schema}.effect_operation AS o
LEFT JOIN ${schema}.effect_payload AS p
  ON p.effect_id = o.effect_id AND p.position = o.position AND p.part = 'response'
WHERE o.status <> 'intended'
UNION ALL
SELECT p.effect_id, p.position, 'succeeded', p.written_at, NULL, p.payload
FROM ${schema}.effect_payload AS p
WHERE p.part = 'result';

INSERT INTO ${schema}.effect_compensation (effect_id, position, status, changed_at, error)
SELECT o.effect_id, o.position, o.status, o.changed_at, o.error
FROM ${schema}.effect_operation AS o
WHERE o.status IN ('compensated', 'compensation_failed', 'skipped');

DELETE FROM ${schema}.effect_payload WHERE part IN ('request', 'response', 'result');

-- Made anew from what is there now, as all views are.
DROP VIEW IF EXISTS ${schema}.effect_operation_summary;

ALTER TABLE ${schema}.effect_operation
  DROP COLUMN status,
  DROP COLUMN changed_at,
  DROP COLUMN error;

-- Rows that are never changed need no room to change in.
ALTER TABLE ${schema}.effect_operation RESET (fillfactor);

COMMENT ON TABLE ${schema}.effect_operation IS
  'One row per operation of an effect transaction: what is intended. It is there before the operation is attempted, and written once.';
COMMENT ON COLUMN ${schema}.effect_operation.request IS
  'What is asked: JSON text, exactly as it was given; null for a step or scope.';
COMMENT ON TABLE ${schema}.effect_payload IS
  'What else was written about operations and effect transactions. Append-only.';
COMMENT ON COLUMN ${schema}.effect_payload.part IS
  'provider: whose candidate performs the operation, absent for the default one; written: states and versions that a step made; compensation: what undoes a step instead of restoring; restored: the versions that undid it; input of the transaction, there only when recovery is to go on with it.';
