package dev.holdfast.store.internal;

import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.Json;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A whole row of the table {@code change}, but for its state. Immutable. */
public record HistoryRow(
    String key,
    long version,
    String operation,
    @Nullable String actor,
    @Nullable String reason,
    Instant changedAt,
    UUID transactionId,
    String xid,
    Form form,
    @Nullable Long baseVersion,
    @Nullable Long sourceVersion,
    @Nullable UUID sourceStateId,
    @Nullable Long deltaCount,
    @Nullable UUID effectId,
    @Nullable String payload) {

  static List<HistoryRow> readAll(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      List<HistoryRow> all = new ArrayList<>();
      while (rows.next()) {
        all.add(read(rows));
      }
      return all;
    }
  }

  private static HistoryRow read(ResultSet row) throws SQLException {
    return new HistoryRow(
        row.getString(1),
        row.getLong(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        Reader.time(row, 6),
        row.getObject(7, UUID.class),
        row.getString(8),
        Form.ofSqlName(row.getString(9)),
        number(row, 10),
        number(row, 11),
        row.getObject(12, UUID.class),
        number(row, 13),
        row.getObject(14, UUID.class),
        row.getString(15));
  }

  private static @Nullable Long number(ResultSet row, int column) throws SQLException {
    long number = row.getLong(column);
    return row.wasNull() ? null : number;
  }

  /** The row as it may be shown: the payload itself when nothing in it is hidden. */
  public HistoryRow redacted(Redactor redactor) {
    String shown = payload == null ? null : redacted(redactor, payload);
    String why = reason == null ? null : redactor.redactText(reason);
    return new HistoryRow(
        key,
        version,
        operation,
        actor,
        why,
        changedAt,
        transactionId,
        xid,
        form,
        baseVersion,
        sourceVersion,
        sourceStateId,
        deltaCount,
        effectId,
        shown);
  }

  private String redacted(Redactor redactor, String json) {
    JsonNode value = Json.parse(json);
    JsonNode shown = redactor.redact(key, value);
    return shown.equals(value) ? json : Json.write(shown);
  }

  /**
   * The row as one line of JSON. The payload stands in it as it was stored, but for line breaks between its tokens.
   *
   * @param action what happens to the row
   */
  public String toLine(String action, StateId state) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("action", action);
    line.put("namespace", state.namespace());
    line.put("name", state.name());
    line.put("key", key);
    line.put("version", version);
    line.put("operation", operation);
    line.put("actor", actor);
    line.put("reason", reason);
    line.put("changed_at", changedAt.toString());
    line.put("transaction_id", transactionId.toString());
    line.put("xid", xid);
    line.put("form", form.sqlName());
    line.put("base_version", baseVersion);
    line.put("source_version", sourceVersion);
    line.put("source_state_id", sourceStateId == null ? null : sourceStateId.toString());
    line.put("delta_count", deltaCount);
    line.put("effect_id", effectId == null ? null : effectId.toString());
    String columns = Json.write(line);
    String raw = payload == null ? "null" : payload.replace('\n', ' ').replace('\r', ' ');
    return columns.substring(0, columns.length() - 1) + ",\"payload\":" + raw + "}";
  }
}
