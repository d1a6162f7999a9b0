-- Only steps of effect transactions and their undoing write it; it costs every other write nothing, because the row has room for it.
ALTER TABLE ${schema}.change ADD COLUMN effect_id uuid;

COMMENT ON COLUMN ${schema}.change.effect_id IS
  'The effect transaction that made the change in a step, or undid one by it; null for every other change.';
