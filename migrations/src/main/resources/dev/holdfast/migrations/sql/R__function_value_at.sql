CREATE OR REPLACE FUNCTION ${schema}.value_at(of_state uuid, of_key text, at_version bigint) RETURNS json
  LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ${schema}.redacted(of_key, CASE
    WHEN top.form = 'none' THEN NULL
    WHEN top.form = 'value' THEN top.payload
    ELSE ${schema}.fold(
      coalesce(top.source_state_id, of_state), of_key, top.base_version, coalesce(top.source_version, top.version))
  END)
  FROM (
    SELECT c.version, c.form, c.base_version, c.source_version, c.source_state_id, c.payload
    FROM ${schema}.change AS c
    WHERE c.state_id = of_state AND c.key >= of_key AND (c.key, c.version) <= (of_key, at_version)
    ORDER BY c.key DESC, c.version DESC
    LIMIT 1
  ) AS top
$$;

COMMENT ON FUNCTION ${schema}.value_at(uuid, text, bigint) IS
  'The value of a key at a version, whether or not the version was cleared from history; null when the key was absent, JSON null when it held that. What the redaction policy hides is its placeholder.';

-- It reads with the rights of its owner, so it is not for everybody; see the roles.
REVOKE ALL ON FUNCTION ${schema}.value_at(uuid, text, bigint) FROM PUBLIC;
