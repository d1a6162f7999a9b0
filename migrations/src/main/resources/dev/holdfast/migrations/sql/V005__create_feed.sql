-- How far each consumer of the change feed has come, and who may go on.
CREATE TABLE ${schema}.feed_consumer (
  consumer     text COLLATE "C" NOT NULL,
  position     bigint           NOT NULL,
  ahead        jsonb            NOT NULL DEFAULT '{}',
  owner        uuid,
  epoch        bigint           NOT NULL DEFAULT 0,
  leased_until timestamptz,
  created_at   timestamptz      NOT NULL DEFAULT clock_timestamp(),
  moved_at     timestamptz      NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT feed_consumer_pkey PRIMARY KEY (consumer),
  CONSTRAINT feed_consumer_name_has_1_to_512_bytes CHECK (octet_length(consumer) BETWEEN 1 AND 512),
  CONSTRAINT feed_consumer_position_is_not_negative CHECK (position >= 0),
  CONSTRAINT feed_consumer_owner_has_a_lease CHECK ((owner IS NULL) = (leased_until IS NULL))
) WITH (fillfactor = 70);

COMMENT ON TABLE ${schema}.feed_consumer IS
  'One row per consumer of the change feed: how far it has come, and which process may go on.';
COMMENT ON COLUMN ${schema}.feed_consumer.consumer IS 'Name of the consumer, 1 to 512 bytes.';
COMMENT ON COLUMN ${schema}.feed_consumer.position IS
  'Every change whose transaction (change.xid) is before this one was delivered.';
COMMENT ON COLUMN ${schema}.feed_consumer.ahead IS
  'States that were delivered further than position says, to keep their order: state_id to the version and the last transaction delivered.';
COMMENT ON COLUMN ${schema}.feed_consumer.owner IS 'The subscription that may go on; null when none does.';
COMMENT ON COLUMN ${schema}.feed_consumer.epoch IS
  'Raised whenever the consumer is claimed; whoever holds an older one cannot move the position.';
COMMENT ON COLUMN ${schema}.feed_consumer.leased_until IS 'Database time after which another may claim the consumer.';
COMMENT ON COLUMN ${schema}.feed_consumer.created_at IS 'Database time of the first claim.';
COMMENT ON COLUMN ${schema}.feed_consumer.moved_at IS 'Database time at which the position last moved.';

CREATE TABLE ${schema}.dead_letter (
  consumer   text COLLATE "C" NOT NULL,
  state_id   uuid             NOT NULL,
  version    bigint           NOT NULL,
  attempts   integer          NOT NULL,
  error      text             NOT NULL,
  failed_at  timestamptz      NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT dead_letter_pkey PRIMARY KEY (consumer, state_id, version),
  CONSTRAINT dead_letter_attempts_is_positive CHECK (attempts > 0)
);

COMMENT ON TABLE ${schema}.dead_letter IS
  'Change sets that a consumer of the change feed could not handle; they stay in history.';
COMMENT ON COLUMN ${schema}.dead_letter.consumer IS 'The consumer, see feed_consumer.';
COMMENT ON COLUMN ${schema}.dead_letter.state_id IS 'The state, see state.';
COMMENT ON COLUMN ${schema}.dead_letter.version IS 'The version whose change set was not handled.';
COMMENT ON COLUMN ${schema}.dead_letter.attempts IS 'How often it was tried.';
COMMENT ON COLUMN ${schema}.dead_letter.error IS 'What the last attempt failed with.';
COMMENT ON COLUMN ${schema}.dead_letter.failed_at IS 'Database time of the last attempt.';
