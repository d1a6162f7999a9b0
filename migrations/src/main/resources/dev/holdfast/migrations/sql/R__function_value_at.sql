-- In plpgsql, because a function in SQL can raise nothing.
CREATE OR REPLACE FUNCTION ${schema}.value_at(of_state uuid, of_key text, at_version bigint) RETURNS json
  LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  top record;
BEGIN
  IF at_version IS NULL THEN
    RAISE EXCEPTION 'The version of state % is null', of_state USING ERRCODE = 'null_value_not_allowed';
  END IF;
  SELECT c.version, c.form, c.base_version, c.source_version, c.source_state_id, c.payload INTO top
  FROM ${schema}.change AS c
  WHERE c.state_id = of_state AND c.key >= of_key AND (c.key, c.version) <= (of_key, at_version)
  ORDER BY c.key DESC, c.version DESC
  LIMIT 1;
  -- A row of the version itself is right. An older one may be what a tag has kept, and newer ones may be gone.
  IF top.version IS DISTINCT FROM at_version THEN
    PERFORM ${schema}.require_kept(of_state, at_version);
  END IF;
  RETURN ${schema}.redacted(of_key, CASE
    WHEN top.form IS NULL OR top.form = 'none' THEN NULL
    WHEN top.form = 'value' THEN top.payload
    ELSE ${schema}.fold(
      coalesce(top.source_state_id, of_state), of_key, top.base_version, coalesce(top.source_version, top.version))
  END);
END
$$;

COMMENT ON FUNCTION ${schema}.value_at(uuid, text, bigint) IS
  'The value of a key at a version, whether or not the version was cleared from history; null when the key was absent, JSON null when it held that. An error when the version is null, when there is no such version, or when retention has removed rows of it. What the redaction policy hides is its placeholder.';

-- It reads with the rights of its owner, so it is not for everybody; see the roles.
REVOKE ALL ON FUNCTION ${schema}.value_at(uuid, text, bigint) FROM PUBLIC;
