ALTER TABLE ${schema}.effect_transaction ADD COLUMN recoveries integer NOT NULL DEFAULT 0;

COMMENT ON COLUMN ${schema}.effect_transaction.recoveries IS
  'How often recovery has taken it over to go on with it; the definition says how often at most before it is rolled back.';

ALTER TABLE ${schema}.effect_payload DROP CONSTRAINT effect_payload_part_is_known;

ALTER TABLE ${schema}.effect_payload ADD CONSTRAINT effect_payload_part_is_known CHECK (part IN (
  'request', 'response', 'provider', 'written', 'compensation', 'restored', 'result', 'input'));

COMMENT ON COLUMN ${schema}.effect_payload.part IS
  'request and response of an operation; provider: whose candidate performs it, absent for the default one; written: states and versions that a step made; compensation: what undoes a step instead of restoring; restored: the versions that undid it; result of the transaction; input of the transaction, there only when recovery is to go on with it.';
