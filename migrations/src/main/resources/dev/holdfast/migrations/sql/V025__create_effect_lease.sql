-- Signs of life. A row of its own, so that renewing a lease neither waits for a write to the journal nor is in its way: a step above READ
-- COMMITTED could not be committed when the row of its effect transaction had changed since it began.
CREATE TABLE ${schema}.effect_lease (
  effect_id    uuid        NOT NULL,
  epoch        bigint      NOT NULL,
  leased_until timestamptz NOT NULL,
  CONSTRAINT effect_lease_pkey PRIMARY KEY (effect_id)
) WITH (fillfactor = 70);

COMMENT ON TABLE ${schema}.effect_lease IS
  'One row per effect transaction whose run has renewed its lease; the later one of this and effect_transaction.leased_until holds.';
COMMENT ON COLUMN ${schema}.effect_lease.effect_id IS 'The effect transaction.';
COMMENT ON COLUMN ${schema}.effect_lease.epoch IS 'Epoch of the run; once another has taken over, the row says nothing.';
COMMENT ON COLUMN ${schema}.effect_lease.leased_until IS 'Database time after which another process may take over.';

COMMENT ON COLUMN ${schema}.effect_transaction.leased_until IS
  'Database time after which another process may take over, unless effect_lease names a later one; null once it has ended.';
