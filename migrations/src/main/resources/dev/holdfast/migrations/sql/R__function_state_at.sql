-- An unreadable version is an error: no rows would look like an empty state.
CREATE OR REPLACE FUNCTION ${schema}.state_at(of_namespace text, of_name text, at_version bigint)
  RETURNS TABLE (key text, value json, version bigint, operation text, actor text, reason text, changed_at timestamptz,
    transaction_id uuid)
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  head record;
BEGIN
  IF at_version IS NULL THEN
    RAISE EXCEPTION 'The version of state %/% is null', of_namespace, of_name USING ERRCODE = 'null_value_not_allowed';
  END IF;
  SELECT s.version, s.oldest_version INTO head
  FROM ${schema}.state AS s
  WHERE s.state_id = ${schema}.state_id(of_namespace, of_name);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no state %/%', of_namespace, of_name USING ERRCODE = 'no_data_found';
  ELSIF at_version > head.version OR at_version < 0 THEN
    RAISE EXCEPTION 'State %/% has the versions 0 to %, not %', of_namespace, of_name, head.version, at_version
      USING ERRCODE = 'no_data_found';
  ELSIF at_version < head.oldest_version AND NOT EXISTS (
    SELECT
    FROM ${schema}.tag AS g
    WHERE g.state_id = ${schema}.state_id(of_namespace, of_name) AND g.version = at_version AND g.removed_at IS NULL
  ) THEN
    RAISE EXCEPTION 'State %/% was cleared of what is older than version %', of_namespace, of_name, head.oldest_version
      USING ERRCODE = 'no_data_found';
  END IF;
  RETURN QUERY SELECT k.* FROM ${schema}.state_keys(${schema}.state_id(of_namespace, of_name), at_version) AS k;
END
$$;

COMMENT ON FUNCTION ${schema}.state_at(text, text, bigint) IS
  'The keys and values of a state at a version, with the change that made each value; an error when there is no such version, when it is null, or when it was cleared and has no tag.';

-- Versions are dense and their times increase, so that a handful of probes finds the one.
CREATE OR REPLACE FUNCTION ${schema}.version_as_of(of_namespace text, of_name text, at_time timestamptz) RETURNS bigint
  LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  id uuid := ${schema}.state_id(of_namespace, of_name);
  low bigint;
  high bigint;
  middle bigint;
  middle_at timestamptz;
BEGIN
  IF at_time IS NULL THEN
    RAISE EXCEPTION 'The time of state %/% is null', of_namespace, of_name USING ERRCODE = 'null_value_not_allowed';
  END IF;
  SELECT s.oldest_version, s.version + 1 INTO low, high FROM ${schema}.state AS s WHERE s.state_id = id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no state %/%', of_namespace, of_name USING ERRCODE = 'no_data_found';
  END IF;
  IF low > 0 THEN
    SELECT c.changed_at INTO middle_at FROM ${schema}.change AS c WHERE c.state_id = id AND c.version = low LIMIT 1;
    IF middle_at > at_time THEN
      RAISE EXCEPTION 'State %/% was cleared of what is older than %', of_namespace, of_name, middle_at
        USING ERRCODE = 'no_data_found';
    END IF;
  END IF;
  WHILE high - low > 1 LOOP
    middle := (low + high) / 2;
    SELECT c.changed_at INTO middle_at FROM ${schema}.change AS c WHERE c.state_id = id AND c.version = middle LIMIT 1;
    IF middle_at <= at_time THEN
      low := middle;
    ELSE
      high := middle;
    END IF;
  END LOOP;
  RETURN low;
END
$$;

COMMENT ON FUNCTION ${schema}.version_as_of(text, text, timestamptz) IS
  'The newest version of a state that is not later than a time, 0 before the first; an error when it was cleared, or when the time is null.';

CREATE OR REPLACE FUNCTION ${schema}.state_as_of(of_namespace text, of_name text, at_time timestamptz)
  RETURNS TABLE (key text, value json, version bigint, operation text, actor text, reason text, changed_at timestamptz,
    transaction_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER ROWS 100
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT k.* FROM ${schema}.state_at(of_namespace, of_name, ${schema}.version_as_of(of_namespace, of_name, at_time)) AS k
$$;

COMMENT ON FUNCTION ${schema}.state_as_of(text, text, timestamptz) IS
  'The keys and values of a state at a time, with the change that made each value; see state_at.';

-- They read with the rights of their owner, so they are not for everybody; see the roles.
REVOKE ALL ON FUNCTION ${schema}.state_at(text, text, bigint),
  ${schema}.version_as_of(text, text, timestamptz),
  ${schema}.state_as_of(text, text, timestamptz) FROM PUBLIC;
