-- PostgreSQL reads the text of each CHECK anew for every statement, and every write of a journal touches these three tables.
ALTER TABLE ${schema}.effect_transaction
  DROP CONSTRAINT effect_transaction_status_is_known,
  DROP CONSTRAINT effect_transaction_open_failures_is_not_negative,
  DROP CONSTRAINT effect_transaction_has_a_lease_until_it_ends;

ALTER TABLE ${schema}.effect_operation
  DROP CONSTRAINT effect_operation_status_is_known,
  DROP CONSTRAINT effect_operation_kind_is_known;

ALTER TABLE ${schema}.effect_payload
  DROP CONSTRAINT effect_payload_part_is_known;
