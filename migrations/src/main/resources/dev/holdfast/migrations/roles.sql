-- Optional roles, applied by Migrations.grantRoles or by hand. All are group roles without login: grant them to the roles that connect.
-- Roles belong to the whole server; an existing one of the same name is kept and gets the grants of this schema.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'holdfast_app') THEN
    CREATE ROLE holdfast_app NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'holdfast_auditor') THEN
    CREATE ROLE holdfast_auditor NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'holdfast_retention') THEN
    CREATE ROLE holdfast_retention NOLOGIN;
  END IF;
EXCEPTION
  -- Two migrations at once: the other one was first.
  WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

-- The library at run time: history can be written and read, never changed or removed.
GRANT USAGE ON SCHEMA ${schema} TO holdfast_app;
GRANT SELECT, INSERT, UPDATE ON ${schema}.state TO holdfast_app;
GRANT SELECT, INSERT ON ${schema}.change TO holdfast_app;
GRANT SELECT, INSERT ON ${schema}.history_cut, ${schema}.fork TO holdfast_app;
GRANT SELECT, INSERT, UPDATE (removed_at, removed_by, removal_reason, removal_id) ON ${schema}.tag TO holdfast_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.feed_consumer, ${schema}.dead_letter, ${schema}.effect_lease TO holdfast_app;
GRANT SELECT, INSERT, UPDATE ON ${schema}.effect_transaction, ${schema}.effect_outcome, ${schema}.effect_compensation,
  ${schema}.effect_attempt, ${schema}.rollback_failure TO holdfast_app;
GRANT SELECT, INSERT ON ${schema}.effect_operation, ${schema}.effect_payload, ${schema}.breaker_transition TO holdfast_app;
GRANT SELECT, INSERT, UPDATE ON ${schema}.breaker TO holdfast_app;
GRANT SELECT ON ${schema}.state_summary, ${schema}.value_summary, ${schema}.change_summary, ${schema}.change_detail,
  ${schema}.actor_summary, ${schema}.history_cut_summary, ${schema}.tag_summary,
  ${schema}.fork_summary, ${schema}.history_removal_summary TO holdfast_app;
GRANT SELECT ON ${schema}.effect_summary, ${schema}.effect_operation_summary, ${schema}.effect_attempt_summary, ${schema}.effect_change_summary,
  ${schema}.rollback_failure_summary, ${schema}.breaker_summary, ${schema}.breaker_transition_summary TO holdfast_app;
GRANT EXECUTE ON FUNCTION ${schema}.redacted, ${schema}.redacted_text, ${schema}.value_at, ${schema}.state_keys, ${schema}.state_at,
  ${schema}.version_as_of, ${schema}.state_as_of, ${schema}.changed_together TO holdfast_app;
GRANT SELECT ON ${schema}.holdfast_schema_history TO holdfast_app;

-- Before views hid anything, they needed this of who read them.
REVOKE EXECUTE ON FUNCTION ${schema}.fold FROM holdfast_app, holdfast_auditor;
GRANT SELECT ON ${schema}.redaction_policy TO holdfast_app;
-- Before each fact of a journal was a row of its own, outcomes changed this one.
REVOKE UPDATE ON ${schema}.effect_operation FROM holdfast_app;

-- People who ask questions: the views and their functions, and nothing else.
GRANT USAGE ON SCHEMA ${schema} TO holdfast_auditor;
GRANT SELECT ON ${schema}.state_summary, ${schema}.value_summary, ${schema}.change_summary, ${schema}.change_detail,
  ${schema}.actor_summary, ${schema}.history_cut_summary, ${schema}.tag_summary,
  ${schema}.fork_summary, ${schema}.history_removal_summary TO holdfast_auditor;
GRANT SELECT ON ${schema}.effect_summary, ${schema}.effect_operation_summary, ${schema}.effect_attempt_summary, ${schema}.effect_change_summary,
  ${schema}.rollback_failure_summary, ${schema}.breaker_summary, ${schema}.breaker_transition_summary TO holdfast_auditor;
GRANT EXECUTE ON FUNCTION ${schema}.redacted, ${schema}.redacted_text, ${schema}.value_at, ${schema}.state_keys, ${schema}.state_at,
  ${schema}.version_as_of, ${schema}.state_as_of, ${schema}.changed_together TO holdfast_auditor;

-- Retention: history can be cleared and removed, and a delta replaced by the whole value, with a record that stays; nothing can be written.
GRANT USAGE ON SCHEMA ${schema} TO holdfast_retention;
GRANT SELECT, UPDATE (oldest_version) ON ${schema}.state TO holdfast_retention;
GRANT SELECT, DELETE, UPDATE (form, base_version, delta_count, payload) ON ${schema}.change TO holdfast_retention;
GRANT SELECT, INSERT ON ${schema}.history_cut TO holdfast_retention;
GRANT SELECT, INSERT, UPDATE (removed, folded, ended_at) ON ${schema}.history_removal TO holdfast_retention;
GRANT SELECT ON ${schema}.tag, ${schema}.fork, ${schema}.feed_consumer, ${schema}.holdfast_schema_history TO holdfast_retention;
