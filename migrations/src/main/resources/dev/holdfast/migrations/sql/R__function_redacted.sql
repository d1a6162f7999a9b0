-- The words of a name in lower case: split where the case changes, at digits, and at everything that is neither letter nor digit.
CREATE OR REPLACE FUNCTION ${schema}.name_words(name text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog
AS $$
  SELECT coalesce(array_agg(lower(w.word) ORDER BY w.place), '{}')
  FROM regexp_split_to_table(
    regexp_replace(
      regexp_replace(
        regexp_replace(name, '([[:lower:]])(?=[[:upper:]])|([[:upper:]])(?=[[:upper:]][[:lower:]])', '\1\2 ', 'g'),
        '([[:alpha:]])(?=[0-9])', '\1 ', 'g'),
      '([0-9])(?=[[:alpha:]])', '\1 ', 'g'),
    '[^[:alnum:]]+') WITH ORDINALITY AS w (word, place)
  WHERE w.word <> ''
$$;

COMMENT ON FUNCTION ${schema}.name_words(text) IS
  'The words of a name in lower case: apiKey, API_KEY and api-key are api, key.';

-- Words of the name that follow each other, written together, are a pattern.
CREATE OR REPLACE FUNCTION ${schema}.is_sensitive(name text, patterns text[]) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog
AS $$
  SELECT EXISTS (
    SELECT
    FROM (SELECT ${schema}.name_words(name) AS words) AS n
    CROSS JOIN generate_series(1, cardinality(n.words)) AS f (first)
    CROSS JOIN generate_series(f.first, least(f.first + 7, cardinality(n.words))) AS l (last)
    WHERE array_to_string(n.words[f.first:l.last], '') = ANY (patterns)
  )
$$;

COMMENT ON FUNCTION ${schema}.is_sensitive(text, text[]) IS 'Whether the value of a name is hidden.';

-- Most texts hold no such word: this test alone is what they cost. Between the letters of a word may stand what separates words.
CREATE OR REPLACE FUNCTION ${schema}.may_be_sensitive(shown text, patterns text[]) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog
AS $$
  SELECT coalesce(shown ~* (
    SELECT string_agg(regexp_replace(p.pattern, '(.)(?=.)', '\1[^[:alnum:]]*', 'g'), '|')
    FROM unnest(patterns) AS p (pattern)
  ), false)
$$;

COMMENT ON FUNCTION ${schema}.may_be_sensitive(text, text[]) IS
  'False when a text holds the letters of no pattern, so that nothing in it can be hidden.';

-- From the first sensitive name with a separator behind it, all of the text is hidden: rather too much than too little.
CREATE OR REPLACE FUNCTION ${schema}.redact_text(shown text, patterns text[], placeholder text) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog
AS $$
DECLARE
  done integer := 0;
  part text[];
BEGIN
  IF NOT ${schema}.may_be_sensitive(shown, patterns) THEN
    RETURN shown;
  END IF;
  FOR part IN SELECT regexp_matches(shown, '([^:=]*)([:=]>?)', 'g') LOOP
    done := done + length(part[1]) + length(part[2]);
    IF ${schema}.is_sensitive(substring(part[1] FROM '([[:alnum:]_.-]+)[\\"''[:space:]]*$'), patterns) THEN
      RETURN left(shown, done) || placeholder;
    END IF;
  END LOOP;
  RETURN shown;
END
$$;

COMMENT ON FUNCTION ${schema}.redact_text(text, text[], text) IS
  'A text in which what follows a sensitive name and a separator is the placeholder.';

CREATE OR REPLACE FUNCTION ${schema}.redact_json(shown json, patterns text[], placeholder text) RETURNS json
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog
AS $$
DECLARE
  patched boolean;
BEGIN
  -- An escaped letter is seen only when it is read.
  IF NOT ${schema}.may_be_sensitive(shown::text, patterns) AND position('\u' IN shown::text) = 0 THEN
    RETURN shown;
  END IF;
  CASE json_typeof(shown)
    WHEN 'object' THEN
      -- An operation of a JSON Patch names in its path what its value is.
      patched := coalesce(
        json_typeof(shown -> 'path') = 'string' AND EXISTS (
          SELECT
          FROM unnest(string_to_array(shown ->> 'path', '/')) AS s (segment)
          WHERE ${schema}.is_sensitive(s.segment, patterns)
        ), false);
      RETURN (
        SELECT ('{' || coalesce(string_agg(
          to_json(m.key)::text || ':' ||
          CASE
            WHEN ${schema}.is_sensitive(m.key, patterns) OR (patched AND m.key = 'value') THEN to_json(placeholder)::text
            ELSE ${schema}.redact_json(m.value, patterns, placeholder)::text
          END, ',' ORDER BY m.place), '') || '}')::json
        FROM json_each(shown) WITH ORDINALITY AS m (key, value, place)
      );
    WHEN 'array' THEN
      RETURN (
        SELECT ('[' || coalesce(string_agg(
          ${schema}.redact_json(e.value, patterns, placeholder)::text, ',' ORDER BY e.place), '') || ']')::json
        FROM json_array_elements(shown) WITH ORDINALITY AS e (value, place)
      );
    WHEN 'string' THEN
      RETURN to_json(${schema}.redact_text(shown #>> '{}', patterns, placeholder));
    ELSE
      RETURN shown;
  END CASE;
END
$$;

COMMENT ON FUNCTION ${schema}.redact_json(json, text[], text) IS
  'A JSON value whose sensitive members, at any depth, are the placeholder; the value itself when there is nothing to hide.';

-- The policy is read with the rights of the owner.
CREATE OR REPLACE FUNCTION ${schema}.redacted(name text, shown json) RETURNS json
  LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog
AS $$
DECLARE
  policy record;
BEGIN
  SELECT p.patterns, p.placeholder INTO policy FROM ${schema}.redaction_policy AS p;
  IF shown IS NULL OR policy.placeholder IS NULL THEN
    RETURN shown;
  ELSIF ${schema}.may_be_sensitive(name, policy.patterns) AND ${schema}.is_sensitive(name, policy.patterns) THEN
    RETURN to_json(policy.placeholder);
  END IF;
  RETURN ${schema}.redact_json(shown, policy.patterns, policy.placeholder);
END
$$;

COMMENT ON FUNCTION ${schema}.redacted(text, json) IS
  'The value of a name as it is shown: what the redaction policy hides is the placeholder.';

CREATE OR REPLACE FUNCTION ${schema}.redacted_text(shown text) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog
AS $$
DECLARE
  policy record;
BEGIN
  IF shown IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT p.patterns, p.placeholder INTO policy FROM ${schema}.redaction_policy AS p;
  RETURN CASE
    WHEN policy.placeholder IS NULL THEN shown
    ELSE ${schema}.redact_text(shown, policy.patterns, policy.placeholder)
  END;
END
$$;

COMMENT ON FUNCTION ${schema}.redacted_text(text) IS
  'A text as it is shown: what follows a name that the redaction policy hides is the placeholder.';

-- They read with the rights of their owner, so they are not for everybody; see the roles.
REVOKE ALL ON FUNCTION ${schema}.redacted(text, json), ${schema}.redacted_text(text) FROM PUBLIC;
