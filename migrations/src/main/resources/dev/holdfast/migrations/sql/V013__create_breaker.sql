CREATE TABLE ${schema}.breaker (
  name       text COLLATE "C" NOT NULL,
  phase      text             NOT NULL,
  since      timestamptz      NOT NULL,
  epoch      bigint           NOT NULL,
  version    bigint           NOT NULL,
  changed_at timestamptz      NOT NULL DEFAULT clock_timestamp(),
  state      json             NOT NULL,
  CONSTRAINT breaker_pkey PRIMARY KEY (name),
  CONSTRAINT breaker_phase_is_known CHECK (phase IN ('closed', 'open', 'half_open'))
) WITH (fillfactor = 70);

COMMENT ON TABLE ${schema}.breaker IS
  'One row per circuit breaker that was ever open, shared by all processes. While it is closed each process counts by itself.';
COMMENT ON COLUMN ${schema}.breaker.name IS 'Name of the handler.';
COMMENT ON COLUMN ${schema}.breaker.phase IS
  'closed: calls are let through; open: none until the open duration has passed; half_open: a few at a time.';
COMMENT ON COLUMN ${schema}.breaker.since IS 'Database time at which the phase began.';
COMMENT ON COLUMN ${schema}.breaker.epoch IS 'Raised with every transition.';
COMMENT ON COLUMN ${schema}.breaker.version IS 'Raised with every change; a change is conditional on it.';
COMMENT ON COLUMN ${schema}.breaker.changed_at IS 'Database time of the last change.';
COMMENT ON COLUMN ${schema}.breaker.state IS 'All that the breaker remembers, the permits of probes included.';

CREATE TABLE ${schema}.breaker_transition (
  name    text COLLATE "C" NOT NULL,
  epoch   bigint           NOT NULL,
  phase   text             NOT NULL,
  since   timestamptz      NOT NULL,
  process text             NOT NULL,
  CONSTRAINT breaker_transition_pkey PRIMARY KEY (name, epoch),
  CONSTRAINT breaker_transition_phase_is_known CHECK (phase IN ('closed', 'open', 'half_open'))
);

COMMENT ON TABLE ${schema}.breaker_transition IS 'Every transition of every circuit breaker. Append-only.';
COMMENT ON COLUMN ${schema}.breaker_transition.name IS 'Name of the breaker.';
COMMENT ON COLUMN ${schema}.breaker_transition.epoch IS 'Puts transitions in order.';
COMMENT ON COLUMN ${schema}.breaker_transition.phase IS 'The phase that began.';
COMMENT ON COLUMN ${schema}.breaker_transition.since IS 'Database time at which it began.';
COMMENT ON COLUMN ${schema}.breaker_transition.process IS 'The process that caused it.';
