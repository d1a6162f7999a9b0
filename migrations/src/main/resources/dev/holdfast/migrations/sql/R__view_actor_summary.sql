CREATE OR REPLACE VIEW ${schema}.actor_summary AS
SELECT
  c.actor,
  s.namespace,
  s.name,
  count(*) AS changes,
  count(DISTINCT c.version) AS versions,
  count(DISTINCT c.key) AS keys,
  min(c.changed_at) AS first_changed_at,
  max(c.changed_at) AS last_changed_at,
  s.state_id
FROM ${schema}.change AS c
JOIN ${schema}.state AS s ON s.state_id = c.state_id
-- Says nothing about the rows, but something to the planner: it estimates a block range index by how well the best ordered of the asked columns
-- follows the table, and actors follow it not at all, so that a rare one would be looked for in all of history.
WHERE c.changed_at >= timestamptz '-infinity'
  AND c.version > s.oldest_version
GROUP BY c.actor, s.namespace, s.name, s.state_id;

COMMENT ON VIEW ${schema}.actor_summary IS
  'How much each actor changed in each state. Name the state or the actor; for a stretch of time count the rows of change_summary.';
COMMENT ON COLUMN ${schema}.actor_summary.actor IS 'Who made the changes; null when not stated.';
COMMENT ON COLUMN ${schema}.actor_summary.namespace IS 'Tenant or domain.';
COMMENT ON COLUMN ${schema}.actor_summary.name IS 'Name of the state within its namespace.';
COMMENT ON COLUMN ${schema}.actor_summary.changes IS 'Number of changes of single keys.';
COMMENT ON COLUMN ${schema}.actor_summary.versions IS 'Number of versions with at least one of the changes.';
COMMENT ON COLUMN ${schema}.actor_summary.keys IS 'Number of different keys changed.';
COMMENT ON COLUMN ${schema}.actor_summary.first_changed_at IS 'Database time of the first change.';
COMMENT ON COLUMN ${schema}.actor_summary.last_changed_at IS 'Database time of the last change.';
COMMENT ON COLUMN ${schema}.actor_summary.state_id IS 'Identity, see the function state_id.';
