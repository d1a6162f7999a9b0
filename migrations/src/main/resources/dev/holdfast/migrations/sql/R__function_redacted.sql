-- The words of a name in lower case: split where the case changes, at digits, and at everything that is neither letter nor digit. In
-- plpgsql, because a function in SQL is planned anew within every call of another.
CREATE OR REPLACE FUNCTION ${schema}.name_words(name text) RETURNS text[]
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  parts text COLLATE "default" := coalesce(name, '');
BEGIN
  parts := regexp_replace(parts, '([[:lower:]])(?=[[:upper:]])|([[:upper:]])(?=[[:upper:]][[:lower:]])', '\1\2 ', 'g');
  parts := regexp_replace(parts, '([[:alpha:]])(?=[0-9])', '\1 ', 'g');
  parts := regexp_replace(parts, '([0-9])(?=[[:alpha:]])', '\1 ', 'g');
  RETURN array_remove(regexp_split_to_array(lower(parts), '[^[:alnum:]]+'), '');
END
$$;

COMMENT ON FUNCTION ${schema}.name_words(text) IS
  'The words of a name in lower case: apiKey, API_KEY and api-key are api, key.';

-- Words of the name that follow each other, written together, are a pattern.
CREATE OR REPLACE FUNCTION ${schema}.is_sensitive(name text, patterns text[]) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  words text[] := ${schema}.name_words(name);
  run text;
BEGIN
  FOR from_word IN 1 .. cardinality(words) LOOP
    run := '';
    FOR to_word IN from_word .. least(from_word + 7, cardinality(words)) LOOP
      run := run || words[to_word];
      IF run = ANY (patterns) THEN
        RETURN true;
      END IF;
    END LOOP;
  END LOOP;
  RETURN false;
END
$$;

COMMENT ON FUNCTION ${schema}.is_sensitive(text, text[]) IS 'Whether the value of a name is hidden.';

-- From the first sensitive name with a separator behind it, all of the text is hidden: rather too much than too little. A name in quotes
-- is all that is within them, and may hold separators itself; quotes within it are escaped more than those around it.
CREATE OR REPLACE FUNCTION ${schema}.redact_text(shown text, policy ${schema}.redaction_policy) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  done integer := 0;
  part text[];
  seen text := '';
  closing text[];
  quoted text;
BEGIN
  IF shown !~* policy.hint THEN
    RETURN shown;
  END IF;
  FOR part IN SELECT regexp_matches(shown, '([^:=]*)([:=]>?)', 'g') LOOP
    done := done + length(part[1]) + length(part[2]);
    IF ${schema}.is_sensitive(substring(part[1] FROM '([[:alnum:]_.-]+)[\\"''[:space:]]*$'), policy.patterns) THEN
      RETURN left(shown, done) || policy.placeholder;
    END IF;
    seen := right(seen || part[1], 2000);
    closing := regexp_match(seen, '(\\*)(["''])[[:space:]]*$');
    IF closing IS NOT NULL THEN
      quoted := substring(seen FROM format('%1$s((?:[^%1$s]|\\{%2$s}%1$s)*)%1$s[[:space:]]*$', closing[2], least(length(closing[1]) + 1, 255)));
      IF ${schema}.is_sensitive(quoted, policy.patterns) THEN
        RETURN left(shown, done) || policy.placeholder;
      END IF;
    END IF;
    seen := seen || part[2];
  END LOOP;
  RETURN shown;
END
$$;

COMMENT ON FUNCTION ${schema}.redact_text(text, ${schema}.redaction_policy) IS
  'A text in which what follows a sensitive name and a separator is the placeholder.';

-- Each level is a call within a call, of which the server's stack holds some 700 by default, and values may have 1,000. What is deeper is
-- hidden as a whole: again rather too much than too little.
CREATE OR REPLACE FUNCTION ${schema}.redact_levels(shown json, policy ${schema}.redaction_policy, levels integer) RETURNS json
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  patched boolean;
BEGIN
  -- The digits of a JSON Pointer's escapes are none of a name's, so the hint may find only what is unescaped.
  IF shown::text !~* policy.hint
    AND (strpos(shown::text, '~') = 0 OR replace(replace(shown::text, '~1', '/'), '~0', '~') !~* policy.hint) THEN
    RETURN shown;
  ELSIF levels = 0 THEN
    RETURN to_json(policy.placeholder);
  END IF;
  CASE json_typeof(shown)
    WHEN 'object' THEN
      -- An operation of a JSON Patch names in its path what its value is.
      patched := coalesce(
        json_typeof(shown -> 'path') = 'string' AND EXISTS (
          SELECT
          FROM unnest(string_to_array(shown ->> 'path', '/')) AS p (pointed)
          CROSS JOIN LATERAL replace(replace(p.pointed, '~1', '/'), '~0', '~') AS s (segment)
          WHERE s.segment ~* policy.hint AND ${schema}.is_sensitive(s.segment, policy.patterns)
        ), false);
      RETURN (
        SELECT ('{' || coalesce(string_agg(
          to_json(m.key)::text || ':' ||
          CASE
            WHEN (patched AND m.key = 'value') OR (m.key ~* policy.hint AND ${schema}.is_sensitive(m.key, policy.patterns)) THEN to_json(policy.placeholder)::text
            ELSE ${schema}.redact_levels(m.value, policy, levels - 1)::text
          END, ',' ORDER BY m.place), '') || '}')::json
        FROM json_each(shown) WITH ORDINALITY AS m (key, value, place)
      );
    WHEN 'array' THEN
      RETURN (
        SELECT ('[' || coalesce(string_agg(
          ${schema}.redact_levels(e.value, policy, levels - 1)::text, ',' ORDER BY e.place), '') || ']')::json
        FROM json_array_elements(shown) WITH ORDINALITY AS e (value, place)
      );
    WHEN 'string' THEN
      RETURN to_json(${schema}.redact_text(shown #>> '{}', policy));
    ELSE
      RETURN shown;
  END CASE;
END
$$;

COMMENT ON FUNCTION ${schema}.redact_levels(json, ${schema}.redaction_policy, integer) IS
  'A JSON value whose sensitive members are the placeholder, and so is what has something to hide below a number of levels.';

CREATE OR REPLACE FUNCTION ${schema}.redact_json(shown json, policy ${schema}.redaction_policy) RETURNS json
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN ${schema}.redact_levels(shown, policy, 400);
END
$$;

COMMENT ON FUNCTION ${schema}.redact_json(json, ${schema}.redaction_policy) IS
  'A JSON value whose sensitive members, at any depth, are the placeholder; the value itself when there is nothing to hide.';

-- The policy is read with the rights of the owner. What nothing is hidden in is the common case.
CREATE OR REPLACE FUNCTION ${schema}.redacted(name text, shown json) RETURNS json
  LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  policy ${schema}.redaction_policy;
BEGIN
  SELECT * INTO policy FROM ${schema}.redaction_policy AS p;
  IF policy.hint IS NULL OR shown IS NULL THEN
    RETURN shown;
  ELSIF name COLLATE "default" ~* policy.hint AND ${schema}.is_sensitive(name, policy.patterns) THEN
    RETURN to_json(policy.placeholder);
  ELSIF shown::text !~* policy.hint AND strpos(shown::text, '~') = 0 THEN
    RETURN shown;
  END IF;
  RETURN ${schema}.redact_json(shown, policy);
END
$$;

COMMENT ON FUNCTION ${schema}.redacted(text, json) IS
  'The value of a name as it is shown: what the redaction policy hides is the placeholder.';

CREATE OR REPLACE FUNCTION ${schema}.redacted_text(shown text) RETURNS text
  LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  policy ${schema}.redaction_policy;
BEGIN
  SELECT * INTO policy FROM ${schema}.redaction_policy AS p;
  IF policy.hint IS NULL OR shown !~* policy.hint THEN
    RETURN shown;
  END IF;
  RETURN ${schema}.redact_text(shown, policy);
END
$$;

COMMENT ON FUNCTION ${schema}.redacted_text(text) IS
  'A text as it is shown: what follows a name that the redaction policy hides is the placeholder.';

-- They read with the rights of their owner, so they are not for everybody; see the roles.
REVOKE ALL ON FUNCTION ${schema}.redacted(text, json), ${schema}.redacted_text(text) FROM PUBLIC;
