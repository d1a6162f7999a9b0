package dev.holdfast.examples.reservation;

/** The tables of the service and its statements. Each statement does one thing whole, and accounts are locked in the order of their names. */
final class ServiceSql {

  /** Two processes may come at once. */
  static final String TABLES = """
      SELECT pg_advisory_xact_lock(hashtext('reservation_service'));
      CREATE SCHEMA IF NOT EXISTS reservation_service;
      CREATE TABLE IF NOT EXISTS reservation_service.call (
        airline   text        NOT NULL,
        key       text        NOT NULL,
        operation text        NOT NULL,
        subject   text        NOT NULL,
        unit      text        NOT NULL,
        called_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        undone_at timestamptz,
        closed    boolean     NOT NULL DEFAULT false,
        CONSTRAINT call_pkey PRIMARY KEY (airline, key),
        CONSTRAINT call_unit_is_known CHECK (unit IN ('seats', 'money'))
      );
      CREATE TABLE IF NOT EXISTS reservation_service.movement (
        airline text    NOT NULL,
        key     text    NOT NULL,
        is_undo boolean NOT NULL,
        account text    NOT NULL,
        amount  numeric NOT NULL,
        CONSTRAINT movement_pkey PRIMARY KEY (airline, key, is_undo, account)
      );
      CREATE TABLE IF NOT EXISTS reservation_service.account (
        airline text    NOT NULL,
        unit    text    NOT NULL,
        name    text    NOT NULL,
        balance numeric NOT NULL,
        CONSTRAINT account_pkey PRIMARY KEY (airline, unit, name)
      )""";

  private static final String BOOK = """
      INSERT INTO reservation_service.account AS a (airline, unit, name, balance)
      SELECT c.airline, c.unit, m.account, m.amount
      FROM called AS c
      CROSS JOIN moved AS m
      ORDER BY m.account
      ON CONFLICT ON CONSTRAINT account_pkey DO UPDATE SET balance = a.balance + excluded.balance""";

  /** Does nothing when the key is known. Parameters: airline, key, operation, subject, unit, accounts, amounts. */
  static final String PERFORM = """
      WITH called AS (
        INSERT INTO reservation_service.call (airline, key, operation, subject, unit)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT ON CONSTRAINT call_pkey DO NOTHING
        RETURNING airline, key, unit
      ), moved AS (
        INSERT INTO reservation_service.movement (airline, key, is_undo, account, amount)
        SELECT c.airline, c.key, false, m.account, m.amount
        FROM called AS c
        CROSS JOIN unnest(?::text[], ?::numeric[]) AS m (account, amount)
        RETURNING account, amount
      )
      """ + BOOK;

  /** Does nothing when it is undone already. Parameters: airline, key. */
  static final String UNDO = """
      WITH called AS (
        UPDATE reservation_service.call
        SET undone_at = clock_timestamp()
        WHERE airline = ? AND key = ? AND undone_at IS NULL
        RETURNING airline, key, unit
      ), moved AS (
        INSERT INTO reservation_service.movement (airline, key, is_undo, account, amount)
        SELECT m.airline, m.key, true, m.account, -m.amount
        FROM called AS c
        JOIN reservation_service.movement AS m ON m.airline = c.airline AND m.key = c.key AND NOT m.is_undo
        RETURNING account, amount
      )
      """ + BOOK;

  /** Parameters: airline, key. */
  static final String CLOSE =
      "UPDATE reservation_service.call SET closed = true WHERE airline = ? AND key = ?";

  /** Parameters: airline, key. */
  static final String FIND =
      "SELECT closed FROM reservation_service.call WHERE airline = ? AND key = ?";

  /** Parameters: airline. */
  static final String CALLS = """
      SELECT key, undone_at IS NULL
      FROM reservation_service.call
      WHERE airline = ?
      ORDER BY called_at, key""";

  /** What accounts hold and what their movements come to, side by side. Parameters: airline, airline. */
  static final String BALANCES = """
      SELECT coalesce(a.unit, m.unit), coalesce(a.name, m.account), coalesce(a.balance, 0), coalesce(m.amount, 0)
      FROM (SELECT * FROM reservation_service.account WHERE airline = ?) AS a
      FULL JOIN (
        SELECT c.unit, m.account, sum(m.amount) AS amount
        FROM reservation_service.movement AS m
        JOIN reservation_service.call AS c ON c.airline = m.airline AND c.key = m.key
        WHERE m.airline = ?
        GROUP BY 1, 2
      ) AS m ON m.unit = a.unit AND m.account = a.name
      ORDER BY 1, 2""";

  private ServiceSql() {}
}
