-- Joined as text, so that numbers and the order of keys stay as they were written.
CREATE OR REPLACE FUNCTION ${schema}.join_arrays(whole text, more text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN cardinality(more) = 0 OR more IS NULL THEN whole
    ELSE (
      SELECT '[' || coalesce(string_agg(inner_text, ',' ORDER BY ordinal) FILTER (WHERE inner_text <> ''), '') || ']'
      FROM (
        SELECT btrim(substr(btrim(a.text, E' \n\r\t'), 2, length(btrim(a.text, E' \n\r\t')) - 2), E' \n\r\t'), a.ordinal
        FROM unnest(whole || more) WITH ORDINALITY AS a (text, ordinal)
      ) AS trimmed (inner_text, ordinal))
  END
$$;

COMMENT ON FUNCTION ${schema}.join_arrays(text, text[]) IS
  'One JSON array with the elements of all: whole itself when there are no more.';
