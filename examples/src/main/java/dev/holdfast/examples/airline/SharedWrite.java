package dev.holdfast.examples.airline;

import static dev.holdfast.store.json.Json.json;

import dev.holdfast.store.Changes;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a tool call that succeeded changes outside of its own run. Immutable. */
sealed interface SharedWrite {

  /** The call. */
  CallMark call();

  /** The last part of the namespace that the state is in. */
  String kind();

  /** The name of the state. */
  String state();

  /** What has to be written when the state is like this. */
  Changes<JsonNode> changes(Snapshot<JsonNode> now);

  /**
   * A reservation gets new fields.
   *
   * @param before the reservation as the run knew it before; null when it is new to the run
   * @param fields all fields that are known now; only those that differ are written
   */
  record ReservationWrite(
      CallMark call, String reservation, @Nullable JsonNode before, Map<String, JsonNode> fields)
      implements SharedWrite {

    static final String KIND = "reservations";

    /** Copies the fields. */
    public ReservationWrite {
      fields = Map.copyOf(fields);
    }

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public String state() {
      return reservation;
    }

    @Override
    public Changes<JsonNode> changes(Snapshot<JsonNode> now) {
      Map<String, JsonNode> different = new LinkedHashMap<>(fields);
      Map<String, @Nullable JsonNode> stored = now.asMap();
      different
          .entrySet()
          .removeIf(field -> stored.containsKey(field.getKey())
              && isEqual(field.getValue(), stored.get(field.getKey())));
      return Changes.setAll(different);
    }

    private static boolean isEqual(JsonNode field, @Nullable JsonNode stored) {
      return Json.canonical(field).equals(Json.canonical(json(stored)));
    }
  }

  /** A customer gets a certificate. */
  record CertificateWrite(CallMark call, String user, JsonNode certificate) implements SharedWrite {

    static final String KIND = "users";

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public String state() {
      return user;
    }

    @Override
    public Changes<JsonNode> changes(Snapshot<JsonNode> now) {
      return Changes.append("certificates", certificate);
    }
  }
}
