-- The version up to which rows were removed can be read itself, and what has a tag has had it all the time.
CREATE OR REPLACE FUNCTION ${schema}.require_kept(of_state uuid, at_version bigint) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM ${schema}.state AS s WHERE s.state_id = of_state AND at_version BETWEEN 0 AND s.version
  ) THEN
    RAISE EXCEPTION 'State % has no version %', of_state, at_version USING ERRCODE = 'no_data_found';
  END IF;
  IF EXISTS (
    SELECT FROM ${schema}.history_removal AS r WHERE r.state_id = of_state AND r.version > at_version
  ) AND NOT EXISTS (
    SELECT FROM ${schema}.tag AS g WHERE g.state_id = of_state AND g.version = at_version AND g.removed_at IS NULL
  ) THEN
    RAISE EXCEPTION 'Rows of version % of state % were removed', at_version, of_state USING ERRCODE = 'no_data_found';
  END IF;
END
$$;

COMMENT ON FUNCTION ${schema}.require_kept(uuid, bigint) IS
  'An error when a state has no such version, or when retention has removed rows of it.';
