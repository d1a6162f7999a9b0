-- The value that a row of history stands for, see the column form of change. Definer's rights: auditors may call it and read no table.
CREATE OR REPLACE FUNCTION ${schema}.fold(of_state uuid, of_key text, low bigint, high bigint) RETURNS json
  LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  link record;
  whole text;
  elements text[];
BEGIN
  FOR link IN
    SELECT c.form, c.payload
    FROM ${schema}.change AS c
    WHERE c.state_id = of_state AND (c.key, c.version) >= (of_key, low) AND (c.key, c.version) <= (of_key, high)
    ORDER BY c.key, c.version
  LOOP
    CASE link.form
      WHEN 'value' THEN
        whole := link.payload::text;
        elements := '{}';
      WHEN 'append' THEN
        elements := elements || link.payload::text;
      WHEN 'patch' THEN
        whole := ${schema}.apply_patch(${schema}.join_arrays(whole, elements)::jsonb, link.payload::jsonb)::text;
        elements := '{}';
      ELSE
        RAISE EXCEPTION 'A row of form % stands in the middle of a chain', link.form USING ERRCODE = 'data_corrupted';
    END CASE;
  END LOOP;
  RETURN ${schema}.join_arrays(whole, elements)::json;
END
$$;

COMMENT ON FUNCTION ${schema}.fold(uuid, text, bigint, bigint) IS
  'The value made of the rows of one key from a whole value at version low up to version high.';

-- It reads with the rights of its owner, so it is not for everybody; see the roles.
REVOKE ALL ON FUNCTION ${schema}.fold(uuid, text, bigint, bigint) FROM PUBLIC;
