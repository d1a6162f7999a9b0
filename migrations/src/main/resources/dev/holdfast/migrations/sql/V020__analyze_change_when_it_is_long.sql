-- A connection keeps the plans of its statements until the table is analyzed again. A plan for a table of a few pages reads all of it, and would
-- be kept for up to a minute while the table grows. Until its first ANALYZE the planner takes it for longer.
ALTER TABLE ${schema}.change SET (autovacuum_analyze_threshold = 1000);
