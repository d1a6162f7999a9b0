package dev.holdfast.examples.airline;

import static dev.holdfast.store.json.Json.json;

import dev.holdfast.examples.airline.SharedWrite.CertificateWrite;
import dev.holdfast.examples.airline.SharedWrite.ReservationWrite;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Which tools change what. Stateless. */
final class WritingTools {

  private static final String CANCEL = "cancel_reservation";
  private static final String CERTIFICATE = "send_certificate";
  private static final Set<String> NAMES = Set.of(
      "book_reservation",
      "update_reservation_flights",
      "update_reservation_passengers",
      "update_reservation_baggages",
      CANCEL,
      CERTIFICATE);
  private static final Set<String> NO_FIELDS =
      Set.of("reservation_id", "payment_id", "payment_methods");
  private static final Pattern CERTIFICATE_ID = Pattern.compile("certificate_\\w+");

  private WritingTools() {}

  /** Whether a call of this tool changes a shared state when it succeeds. */
  static boolean writes(String tool) {
    return NAMES.contains(tool);
  }

  /** The tools that change a shared state. */
  static List<String> names() {
    return NAMES.stream().sorted().toList();
  }

  /**
   * The change that a call made; empty when the tool only reads, when it answered with an error, and when neither the call nor the answer
   * says which state it is about.
   *
   * @param known the reservations that the run has seen, by id
   */
  static Optional<SharedWrite> of(
      CallMark mark, ToolCall call, String answer, Map<String, ObjectNode> known) {
    if (!writes(call.tool()) || answer.startsWith("Error")) {
      return Optional.empty();
    }
    ObjectNode arguments = call.argumentTree().orElseThrow();
    return call.tool().equals(CERTIFICATE)
        ? certificate(mark, arguments, answer)
        : reservation(mark, arguments, answer, known);
  }

  private static Optional<SharedWrite> certificate(
      CallMark mark, ObjectNode arguments, String answer) {
    String user = arguments.path("user_id").asString("");
    if (user.isEmpty()) {
      return Optional.empty();
    }
    Map<String, JsonNode> certificate = new LinkedHashMap<>();
    Matcher id = CERTIFICATE_ID.matcher(answer);
    if (id.find()) {
      certificate.put("id", json(id.group()));
    }
    certificate.put("amount", json(arguments.get("amount")));
    return Optional.of(new CertificateWrite(mark, user, json(certificate)));
  }

  /** The arguments are what was asked for, the answer is what became of it: it wins. */
  private static Optional<SharedWrite> reservation(
      CallMark mark, ObjectNode arguments, String answer, Map<String, ObjectNode> known) {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    arguments.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    fields.keySet().removeAll(NO_FIELDS);
    if (mark.tool().equals(CANCEL)) {
      fields.put("status", json("cancelled"));
    }
    ObjectNode result = object(answer).orElseGet(() -> (ObjectNode) json(Map.of()));
    result.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    String id =
        result.path("reservation_id").asString(arguments.path("reservation_id").asString(""));
    return id.isEmpty()
        ? Optional.empty()
        : Optional.of(new ReservationWrite(mark, id, known.get(id), fields));
  }

  /** The reservation that an answer shows; empty when it shows none. */
  static Optional<ObjectNode> shown(String answer) {
    return object(answer).filter(object -> object.path("reservation_id").isString());
  }

  private static Optional<ObjectNode> object(String answer) {
    return tree(answer) instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
  }

  /** An answer as a tree when it is JSON, otherwise as text. */
  static JsonNode tree(String answer) {
    try {
      return Json.parse(answer);
    } catch (CodecException e) {
      return json(answer);
    }
  }
}
