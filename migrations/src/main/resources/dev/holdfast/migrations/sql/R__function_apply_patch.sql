-- RFC 6902, as far as the library stores it: add, remove and replace.
CREATE OR REPLACE FUNCTION ${schema}.apply_patch(document jsonb, patch jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  result jsonb := document;
  step jsonb;
  path text[];
  parent jsonb;
  last text;
BEGIN
  FOR step IN SELECT s.value FROM jsonb_array_elements(patch) WITH ORDINALITY AS s (value, ordinal) ORDER BY s.ordinal LOOP
    SELECT coalesce(array_agg(replace(replace(p.part, '~1', '/'), '~0', '~') ORDER BY p.ordinal), '{}')
    INTO path
    FROM unnest((string_to_array(step ->> 'path', '/'))[2:]) WITH ORDINALITY AS p (part, ordinal);
    parent := result #> path[:cardinality(path) - 1];
    last := path[cardinality(path)];
    CASE
      WHEN cardinality(path) = 0 AND step ->> 'op' IN ('add', 'replace') THEN
        result := step -> 'value';
      WHEN step ->> 'op' = 'remove' THEN
        result := result #- path;
      WHEN step ->> 'op' = 'replace' THEN
        result := jsonb_set(result, path, step -> 'value', false);
      WHEN step ->> 'op' = 'add' AND jsonb_typeof(parent) = 'array' AND last = '-' THEN
        result := jsonb_insert(result, path[:cardinality(path) - 1] || '-1'::text, step -> 'value', true);
      WHEN step ->> 'op' = 'add' AND jsonb_typeof(parent) = 'array' THEN
        result := jsonb_insert(result, path, step -> 'value', false);
      WHEN step ->> 'op' = 'add' THEN
        result := jsonb_set(result, path, step -> 'value', true);
      ELSE
        RAISE EXCEPTION 'A stored patch has the operation %', step ->> 'op' USING ERRCODE = 'data_corrupted';
    END CASE;
  END LOOP;
  RETURN result;
END
$$;

COMMENT ON FUNCTION ${schema}.apply_patch(jsonb, jsonb) IS
  'A document with an RFC 6902 patch of add, remove and replace applied.';
