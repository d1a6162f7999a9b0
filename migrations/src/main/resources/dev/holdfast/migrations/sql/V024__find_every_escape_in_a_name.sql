-- Between the letters of a word may stand what separates words. Letters that are escaped are seen only when they are read, and so are
-- separators whose escapes are letters, such as \n.
CREATE OR REPLACE FUNCTION ${schema}.redaction_hint(patterns text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(string_agg(regexp_replace(p.pattern, '(.)(?=.)', '\1[^[:alnum:]]*', 'g'), '|' ORDER BY p.pattern) || '|\\[nrtbfu]', '$.')
  FROM unnest(patterns) AS p (pattern)
$$;

-- The hint is stored, and made anew only when the patterns are written.
UPDATE ${schema}.redaction_policy SET patterns = patterns;

COMMENT ON FUNCTION ${schema}.redaction_hint(text[]) IS
  'A regular expression that finds the letters of any of some patterns, and what JSON escapes; one that finds nothing when there are none.';
