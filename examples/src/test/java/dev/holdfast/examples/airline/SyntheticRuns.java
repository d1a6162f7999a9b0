package dev.holdfast.examples.airline;

import dev.holdfast.store.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Runs made up from a seed: few reservations for many runs, repeated call ids, failing tools, odd texts, JSON nulls. */
final class SyntheticRuns {

  private static final List<String> TEXTS = List.of(
      "Hello",
      "",
      "Grüße aus Zürich",
      "你好 👩‍✈️",
      "\u0001\u001b[31m",
      "a\\\"b\n\tc",
      "null",
      "٣ حقائب",
      "x".repeat(3000));
  private static final List<String> TOOLS = List.of(
      "get_reservation_details",
      "cancel_reservation",
      "update_reservation_flights",
      "update_reservation_baggages",
      "update_reservation_passengers",
      "book_reservation",
      "send_certificate");
  private static final int RESERVATIONS = 8;

  private final Random random;
  private final int count;
  private int messages;

  SyntheticRuns(long seed, int count) {
    this.random = new Random(seed);
    this.count = count;
  }

  /** The file. */
  String json() {
    messages = 0;
    List<Object> runs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      runs.add(run(i));
    }
    return Json.write(Json.json(runs));
  }

  /** How many messages the file has. */
  int messages() {
    return messages;
  }

  private Map<String, Object> run(int index) {
    List<Object> chat = new ArrayList<>();
    chat.add(message("system", text()));
    int turns = 4 + random.nextInt(16);
    for (int turn = 0; turn < turns; turn++) {
      if (random.nextInt(3) > 0) {
        chat.add(message(turn % 2 == 0 ? "user" : "assistant", text()));
      } else {
        call(chat, "user_" + index % 5);
      }
    }
    messages += chat.size();
    return Map.of(
        "task_id",
        index / 2,
        "trial",
        index % 2,
        "info",
        Map.of("task", Map.of("user_id", "user_" + index % 5)),
        "traj",
        chat);
  }

  private void call(List<Object> chat, String user) {
    String id = "call_" + random.nextInt(3);
    String tool = TOOLS.get(random.nextInt(TOOLS.size()));
    String reservation = "R" + random.nextInt(RESERVATIONS);
    Map<String, Object> arguments =
        Map.of("reservation_id", reservation, "user_id", user, "amount", 50, "cabin", "economy");
    Map<String, Object> asked = message("assistant", null);
    asked.put(
        "tool_calls",
        List.of(Map.of(
            "id",
            id,
            "type",
            "function",
            "function",
            Map.of("name", tool, "arguments", Json.write(Json.json(arguments))))));
    chat.add(asked);
    Map<String, Object> answer = message("tool", answer(tool, reservation));
    answer.put("tool_call_id", id);
    answer.put("name", tool);
    chat.add(answer);
  }

  private String answer(String tool, String reservation) {
    if (random.nextInt(4) == 0) {
      return "Error: not today";
    }
    return tool.equals("send_certificate")
        ? "Certificate certificate_" + random.nextInt(1000) + " added"
        : Json.write(Json.json(reservation(reservation)));
  }

  /** With any flights, passengers and payments; what was before may have had others. */
  private Map<String, Object> reservation(String id) {
    List<Object> flights = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      flights.add(Map.of(
          "flight_number", "KA" + random.nextInt(6), "date", "2031-03-1" + random.nextInt(3)));
    }
    List<Object> payments = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      payments.add(
          Map.of("payment_id", "card_" + random.nextInt(5), "amount", random.nextInt(900) - 300));
    }
    return Map.of(
        "reservation_id", id,
        "total_baggages", random.nextInt(5),
        "flights", flights,
        "passengers", List.of("somebody", "somebody else").subList(0, 1 + random.nextInt(2)),
        "payment_history", payments);
  }

  private String text() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private static Map<String, Object> message(String role, @Nullable String content) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", Json.json(content));
    return message;
  }
}
