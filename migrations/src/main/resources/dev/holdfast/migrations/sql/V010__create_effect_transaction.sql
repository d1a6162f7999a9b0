-- The journal of effect transactions. What changes often is narrow and apart from the payloads, which are written once.
-- Nothing that a journal write changes is indexed, so that it is a heap-only update: the lease is moved by the heartbeat only.
CREATE TABLE ${schema}.effect_transaction (
  effect_id     uuid             NOT NULL,
  name          text COLLATE "C" NOT NULL,
  id            text COLLATE "C" NOT NULL,
  status        text             NOT NULL,
  open_failures integer          NOT NULL DEFAULT 0,
  epoch         bigint           NOT NULL,
  revision      bigint           NOT NULL,
  owner         uuid             NOT NULL,
  process       text             NOT NULL,
  leased_until  timestamptz,
  started_at    timestamptz      NOT NULL DEFAULT clock_timestamp(),
  changed_at    timestamptz      NOT NULL DEFAULT clock_timestamp(),
  ended_at      timestamptz,
  error         text,
  CONSTRAINT effect_transaction_pkey PRIMARY KEY (effect_id),
  CONSTRAINT effect_transaction_status_is_known CHECK (status IN (
    'running', 'committed', 'compensating', 'rolled_back', 'rollback_failed', 'resolved')),
  CONSTRAINT effect_transaction_open_failures_is_not_negative CHECK (open_failures >= 0),
  CONSTRAINT effect_transaction_has_a_lease_until_it_ends CHECK (
    (leased_until IS NOT NULL) = (status IN ('running', 'compensating')))
) WITH (fillfactor = 70);

COMMENT ON TABLE ${schema}.effect_transaction IS
  'One row per effect transaction: how it stands and which run may go on with it. Its row lock orders all writes of its journal.';
COMMENT ON COLUMN ${schema}.effect_transaction.effect_id IS
  'Identity derived from name and id, see the function state_id(name, id).';
COMMENT ON COLUMN ${schema}.effect_transaction.name IS 'What kind of work it is, 1 to 512 bytes.';
COMMENT ON COLUMN ${schema}.effect_transaction.id IS 'Which one of its kind, 1 to 512 bytes.';
COMMENT ON COLUMN ${schema}.effect_transaction.status IS
  'running; committed; compensating: operations are being undone; rolled_back: all are; rollback_failed: some could not be, see rollback_failure; resolved: those are settled, too.';
COMMENT ON COLUMN ${schema}.effect_transaction.open_failures IS 'Rows of rollback_failure that are not settled.';
COMMENT ON COLUMN ${schema}.effect_transaction.epoch IS
  'Raised whenever a run takes over; whoever holds an older one cannot write.';
COMMENT ON COLUMN ${schema}.effect_transaction.revision IS
  'Number of writes to the journal; each is conditional on it, so that one that is sent twice is done once.';
COMMENT ON COLUMN ${schema}.effect_transaction.owner IS 'The run that has the lease, or had the last one.';
COMMENT ON COLUMN ${schema}.effect_transaction.process IS 'The process of the owner, for people.';
COMMENT ON COLUMN ${schema}.effect_transaction.leased_until IS
  'Database time after which another process may take over; null once it has ended.';
COMMENT ON COLUMN ${schema}.effect_transaction.started_at IS 'Database time of the first write.';
COMMENT ON COLUMN ${schema}.effect_transaction.changed_at IS 'Database time of the newest write, renewed leases aside.';
COMMENT ON COLUMN ${schema}.effect_transaction.ended_at IS 'Database time at which it was committed or rolled back.';
COMMENT ON COLUMN ${schema}.effect_transaction.error IS 'Why it is rolled back; null otherwise.';

-- Reader: recovery, which looks for leases that ran out.
CREATE INDEX effect_transaction_by_lease ON ${schema}.effect_transaction (leased_until)
  WHERE leased_until IS NOT NULL;
COMMENT ON INDEX ${schema}.effect_transaction_by_lease IS 'For recovery, which looks for leases that ran out.';
