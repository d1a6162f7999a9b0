-- The database transaction finds the rows, through the index change_in_order; it may hold the calls of several writers, so the id of the
-- call decides.
CREATE OR REPLACE FUNCTION ${schema}.changed_together(of_namespace text, of_name text, of_version bigint)
  RETURNS TABLE (namespace text, name text, version bigint, key text, operation text, actor text, reason text,
    changed_at timestamptz, transaction_id uuid, state_id uuid)
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  made record;
BEGIN
  SELECT c.transaction_id AS id, (c.xid::text)::bigint AS number INTO made
  FROM ${schema}.change AS c
  JOIN ${schema}.state AS s ON s.state_id = c.state_id
  WHERE c.state_id = ${schema}.state_id(of_namespace, of_name) AND c.version = of_version AND c.version > s.oldest_version
  LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'State %/% has no version % in its history', of_namespace, of_name, of_version
      USING ERRCODE = 'no_data_found';
  END IF;
  RETURN QUERY
    SELECT s.namespace, s.name, c.version, c.key, c.operation, c.actor, ${schema}.redacted_text(c.reason), c.changed_at, c.transaction_id, c.state_id
    FROM ${schema}.change AS c
    JOIN ${schema}.state AS s ON s.state_id = c.state_id
    WHERE (c.xid::text)::bigint = made.number AND c.transaction_id = made.id AND c.version > s.oldest_version
    ORDER BY s.namespace, s.name, c.version, c.key;
END
$$;

COMMENT ON FUNCTION ${schema}.changed_together(text, text, bigint) IS
  'All changes of the call or transaction that made a version of a state, in whichever states; an error when the version is not in history.';

-- It reads with the rights of its owner, so it is not for everybody; see the roles.
REVOKE ALL ON FUNCTION ${schema}.changed_together(text, text, bigint) FROM PUBLIC;
