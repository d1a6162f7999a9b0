-- Between the letters of a word may stand what separates words, and an escaped letter is seen only when it is read.
CREATE FUNCTION ${schema}.redaction_hint(patterns text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog
AS $$
  SELECT coalesce(string_agg(regexp_replace(p.pattern, '(.)(?=.)', '\1[^[:alnum:]]*', 'g'), '|' ORDER BY p.pattern) || '|\\u', '$.')
  FROM unnest(patterns) AS p (pattern)
$$;

COMMENT ON FUNCTION ${schema}.redaction_hint(text[]) IS
  'A regular expression that finds the letters of any of some patterns, and letters that JSON escapes; one that finds nothing when there are none.';

CREATE TABLE ${schema}.redaction_policy (
  only_row    boolean     NOT NULL DEFAULT true,
  patterns    text[]      NOT NULL,
  hint        text        NOT NULL GENERATED ALWAYS AS (${schema}.redaction_hint(patterns)) STORED,
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
COMMENT ON COLUMN ${schema}.redaction_policy.hint IS
  'A regular expression: a text that it does not find anything in has nothing to hide, and costs no more.';
COMMENT ON COLUMN ${schema}.redaction_policy.placeholder IS 'What stands in the place of a value.';
COMMENT ON COLUMN ${schema}.redaction_policy.changed_at IS 'Database time of the last change.';

INSERT INTO ${schema}.redaction_policy (patterns, placeholder)
VALUES ('{password,secret,token,apikey,privatekey,accesskey}', '[REDACTED]');
