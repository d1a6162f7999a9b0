CREATE TABLE ${schema}.redaction_policy (
  only_row    boolean     NOT NULL DEFAULT true,
  patterns    text[]      NOT NULL,
  placeholder text        NOT NULL,
  changed_at  timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT redaction_policy_pkey PRIMARY KEY (only_row),
  CONSTRAINT redaction_policy_has_one_row CHECK (only_row),
  CONSTRAINT redaction_policy_patterns_are_words CHECK (array_to_string(patterns, '') ~ '^[[:alnum:]]*$'),
  CONSTRAINT redaction_policy_placeholder_is_text CHECK (placeholder <> '')
);

COMMENT ON TABLE ${schema}.redaction_policy IS
  'What the views and their functions hide from those who ask: one row. No patterns: nothing is hidden.';
COMMENT ON COLUMN ${schema}.redaction_policy.only_row IS 'Always true.';
COMMENT ON COLUMN ${schema}.redaction_policy.patterns IS
  'Names whose values are hidden, by whole words: in lower case, with nothing between the words. api_key is apikey.';
COMMENT ON COLUMN ${schema}.redaction_policy.placeholder IS 'What stands in the place of a value.';
COMMENT ON COLUMN ${schema}.redaction_policy.changed_at IS 'Database time of the last change.';

INSERT INTO ${schema}.redaction_policy (patterns, placeholder)
VALUES ('{password,secret,token,apikey,privatekey,accesskey}', '[REDACTED]');
