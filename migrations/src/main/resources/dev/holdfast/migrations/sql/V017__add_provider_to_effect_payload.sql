ALTER TABLE ${schema}.effect_payload DROP CONSTRAINT effect_payload_part_is_known;

ALTER TABLE ${schema}.effect_payload ADD CONSTRAINT effect_payload_part_is_known CHECK (part IN (
  'request', 'response', 'provider', 'written', 'compensation', 'restored', 'result'));

COMMENT ON COLUMN ${schema}.effect_payload.part IS
  'request and response of an operation; provider: whose candidate performs it, absent for the default one; written: states and versions that a step made; compensation: what undoes a step instead of restoring; restored: the versions that undid it; result of the transaction.';
