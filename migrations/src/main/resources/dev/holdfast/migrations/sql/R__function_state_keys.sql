-- In plpgsql, because a function in SQL can raise nothing. Columns have the names of what is returned.
CREATE OR REPLACE FUNCTION ${schema}.state_keys(of_state uuid, at_version bigint)
  RETURNS TABLE (key text, value json, version bigint, operation text, actor text, reason text, changed_at timestamptz,
    transaction_id uuid)
  LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 100
  SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF at_version IS NULL THEN
    RAISE EXCEPTION 'The version of state % is null', of_state USING ERRCODE = 'null_value_not_allowed';
  END IF;
  PERFORM ${schema}.require_kept(of_state, at_version);
  RETURN QUERY
    WITH RECURSIVE walk (key) AS (
      (SELECT c.key FROM ${schema}.change AS c WHERE c.state_id = of_state ORDER BY c.key DESC LIMIT 1)
      UNION ALL
      SELECT (SELECT c.key FROM ${schema}.change AS c WHERE c.state_id = of_state AND c.key < w.key ORDER BY c.key DESC LIMIT 1)
      FROM walk AS w
      WHERE w.key IS NOT NULL
    )
    -- Most values are looked at here, because calling the function costs more than looking at a small one. What may be
    -- escaped as in a JSON Pointer is looked at there.
    SELECT top.key,
      CASE
        WHEN concat_ws(' ', top.key COLLATE "default", found.value) ~* p.hint OR strpos(found.value::text, '~') > 0
          THEN ${schema}.redacted(top.key, found.value)
        ELSE found.value
      END,
      top.version, top.operation, top.actor, ${schema}.redacted_text(top.reason), top.changed_at, top.transaction_id
    FROM walk AS w
    CROSS JOIN LATERAL (
      SELECT c.*
      FROM ${schema}.change AS c
      WHERE c.state_id = of_state AND c.key >= w.key AND (c.key, c.version) <= (w.key, at_version)
      ORDER BY c.key DESC, c.version DESC
      LIMIT 1
    ) AS top
    CROSS JOIN LATERAL (
      SELECT
        CASE top.form
          WHEN 'value' THEN top.payload
          ELSE ${schema}.fold(
            coalesce(top.source_state_id, of_state), top.key, top.base_version, coalesce(top.source_version, top.version))
        END AS value
      OFFSET 0
    ) AS found
    LEFT JOIN ${schema}.redaction_policy AS p ON p.only_row
    WHERE top.form <> 'none'
    ORDER BY top.key;
END
$$;

COMMENT ON FUNCTION ${schema}.state_keys(uuid, bigint) IS
  'The keys and values of a state at a version, whether or not the version was cleared from history, with the change that made each value. An error when the version is null, when there is no such version, or when retention has removed rows of it. What the redaction policy hides is its placeholder.';

-- It reads with the rights of its owner, so it is not for everybody; see the roles.
REVOKE ALL ON FUNCTION ${schema}.state_keys(uuid, bigint) FROM PUBLIC;
