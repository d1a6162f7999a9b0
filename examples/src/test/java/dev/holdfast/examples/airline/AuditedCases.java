package dev.holdfast.examples.airline;

import static dev.holdfast.examples.airline.AuditRows.row;
import static dev.holdfast.store.json.Json.json;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.examples.airline.AuditRows.Between;
import dev.holdfast.store.State;
import dev.holdfast.store.StateId;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.store.retention.StateRemoval;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;

/**
 * What happened outside and to history after the replay: three vouchers that were to be taken back, a case that was forked, and retention.
 * Keeps what the library said of each, which is the expected answer. Confined to one thread.
 */
final class AuditedCases {

  private static final String GOODWILL = "airline.goodwill";
  private static final String ARCHIVE = "desk.archive";
  private static final String WITHDRAWN = "the complaint was withdrawn";

  private final Holdfast holdfast;
  private final Instant begin = Instant.now().minusSeconds(1);
  private final List<List<Object>> ends = new ArrayList<>();
  private final Map<String, List<List<Object>>> answers = new LinkedHashMap<>();

  private AuditedCases(Holdfast holdfast) {
    this.holdfast = holdfast;
  }

  private record Voucher(String user, int amount) {}

  private record Mail(String to) {}

  /** Lets it happen. */
  static AuditedCases of(Holdfast holdfast, DataSource owner, List<RecordedRun> bundled) {
    AuditedCases cases = new AuditedCases(holdfast);
    cases.vouchers();
    cases.calls(bundled);
    cases.archive(owner);
    return cases;
  }

  /** The answers by title. */
  Map<String, List<List<Object>>> answers() {
    return answers;
  }

  private void vouchers() {
    holdfast
        .effects()
        .register(EffectHandler.of("voucher.send", Voucher.class, String.class)
            .perform((context, voucher) -> "voucher for " + voucher.user())
            .compensate((context, voucher, sent) -> {
              if (voucher.amount() > 50) {
                throw new IllegalStateException("the voucher was used");
              }
            }))
        .register(EffectHandler.of("mail.send", Mail.class, String.class)
            .perform((context, mail) -> "sent"));
    RollbackFailure first = withdrawn("case-4713", new Voucher("omar_haddad_19", 80));
    withdrawn("case-4714", new Voucher("ines_araujo_41", 20));
    RollbackFailure third = withdrawn("case-4715", new Voucher("yuki_mori_88", 60));
    RollbackFailure settled = holdfast
        .effects()
        .rollbackFailures()
        .resolve(first.id(), "charged to the goodwill account, case 4713", "maria.lund");

    ends.set(0, end("case-4713", "resolved"));
    answers.put("Which effect transactions failed, and how did that end?", ends);
    answers.put(
        "What did one of them do, and what became of it?",
        List.of(
            row(
                "1",
                "voucher.send",
                "compensated",
                json(new Voucher("ines_araujo_41", 20)),
                json("voucher for ines_araujo_41")),
            row("2", "mail.send", "skipped", json(new Mail("ines_araujo_41")), json("sent"))));
    answers.put(
        "What could not be undone, and is not settled?",
        List.of(row(
            GOODWILL,
            "case-4715",
            "voucher.send",
            third.problem().code().name().toLowerCase(Locale.ROOT),
            third.problem().message(),
            third.history().attempts(),
            third.history().failedAt())));
    answers.put(
        "How was it settled that something could not be undone, and by whom?",
        List.of(row(
            GOODWILL,
            "case-4713",
            "voucher.send",
            first.problem().message(),
            "resolved",
            "maria.lund",
            "charged to the goodwill account, case 4713",
            settled.history().changedAt())));
  }

  /** A voucher is sent and told of by mail, then all of it is to be undone; the failure to do so, or the first argument when there is none. */
  private RollbackFailure withdrawn(String id, Voucher voucher) {
    HoldfastException failure = failure(id, voucher);
    if (failure instanceof EffectRollbackException stuck) {
      ends.add(end(id, "rollback_failed"));
      return stuck.failures().get(0);
    }
    ends.add(end(id, "rolled_back"));
    return holdfast.effects().rollbackFailures().of(GOODWILL, "case-4713").get(0);
  }

  private HoldfastException failure(String id, Voucher voucher) {
    try {
      holdfast.effects().run(GOODWILL, id, effect -> {
        effect.perform("voucher.send", voucher);
        effect.perform("mail.send", new Mail(voucher.user()));
        throw new IllegalStateException(WITHDRAWN);
      });
      throw new AssertionError("nothing failed");
    } catch (EffectFailedException | EffectRollbackException e) {
      return e;
    }
  }

  private List<Object> end(String id, String status) {
    List<Object> cells =
        new ArrayList<>(row(GOODWILL, id, status, new IllegalStateException(WITHDRAWN).toString()));
    cells.add(new Between(begin, Instant.now().plusSeconds(60)));
    return cells;
  }

  /** What the reservation that two of the bundled runs share is about. */
  private void calls(List<RecordedRun> bundled) {
    List<List<Object>> calls = new ArrayList<>();
    List<List<Object>> versions = new ArrayList<>();
    for (RecordedRun run : bundled) {
      for (Step step : Steps.of(run)) {
        SharedWrite write = step.write();
        if (write != null && write.state().equals("KQX7M2")) {
          CallMark mark = write.call();
          String effect = AuditedAirline.NAMESPACES.effect(mark.tool());
          ServiceCall.of(write)
              .forEach(call -> calls.add(row(
                  effect,
                  mark.id(),
                  call.operation(),
                  "succeeded",
                  json(call.order().movements()))));
          versions.add(row(versions.size() + 2, effect, mark.id(), "step"));
        }
      }
    }
    answers.put("What was asked of the reservation service for a reservation?", calls);
    answers.put("Which effect transaction made which version of a reservation?", versions);
  }

  private void archive(DataSource owner) {
    State<JsonNode> archived = holdfast.state(ARCHIVE, "case-4711").by("night.shift");
    for (String status : List.of("opened", "waiting", "answered", "closed", "filed")) {
      archived.set("status", json(status));
    }
    archived.by("internal.audit").because("review 12").fork("case-4711-review", 4);
    List<StateRemoval> removed = new ArrayList<>();
    Retention retention = holdfast
        .retention(owner)
        .grace(Duration.ZERO)
        .by("janitor")
        .because("filed cases keep one version");
    removed.addAll(retention
        .run(retention.plan(RetentionPolicy.keepVersions(1), new StateId(ARCHIVE, "case-4711")))
        .states());

    List<Object> fork = new ArrayList<>(
        row(ARCHIVE, "case-4711-review", ARCHIVE, "case-4711", 4, "internal.audit", "review 12"));
    fork.add(new Between(begin, Instant.now().plusSeconds(60)));
    answers.put("Which states began as a fork, and of what?", List.of(fork));
    List<List<Object>> removals = new ArrayList<>();
    for (StateRemoval removal : removed) {
      List<Object> cells = new ArrayList<>(row(
          removal.state().namespace(),
          removal.state().name(),
          removal.upTo(),
          removal.removed(),
          removal.folded(),
          "janitor",
          "filed cases keep one version"));
      cells.add(new Between(begin, Instant.now().plusSeconds(60)));
      removals.add(cells);
    }
    answers.put("What did retention remove from history, and who ran it?", removals);
  }
}
