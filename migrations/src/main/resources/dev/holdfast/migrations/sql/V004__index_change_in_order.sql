-- Readers: the change feed, which follows transactions, and questions of auditors about a stretch of time or one actor.
-- History is written in order, so a block range index answers them at nearly no cost to the writer: no entry is made per row. Ranges that
-- are not summarised yet, the newest ones, are always read.
CREATE INDEX change_in_order ON ${schema}.change
  USING brin (((xid::text)::bigint), changed_at, actor text_bloom_ops)
  WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON INDEX ${schema}.change_in_order IS
  'For reading history across states: in order of transactions, by time, by actor.';
