package dev.holdfast.examples.airline;

import dev.holdfast.examples.airline.Report.Audit;
import dev.holdfast.examples.airline.Report.Calls;
import dev.holdfast.examples.airline.Report.Line;
import dev.holdfast.examples.airline.Report.OpenFailure;
import dev.holdfast.examples.airline.Report.ReservationHistory;
import dev.holdfast.examples.airline.Report.Settled;
import dev.holdfast.examples.airline.Report.Written;
import dev.holdfast.examples.terminal.Table;
import dev.holdfast.examples.terminal.Table.Side;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The report for people. Confined to one thread. */
final class TextReport {

  private static final int MAX_LINES = 12;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

  private final PrintStream out;
  private final int columns;

  TextReport(PrintStream out, int columns) {
    this.out = out;
    this.columns = columns;
  }

  void print(Report report) {
    if (report.written() != null) {
      print(report, report.written());
    }
    if (report.reservation() != null) {
      print(report.reservation());
    }
    print(report.calls(), report.written(), report.settled());
  }

  private void print(Calls calls, @Nullable Written written, @Nullable Settled settled) {
    out.println();
    out.println("Calls that change something, each an effect transaction");
    Table table = Table.of(Side.LEFT, Side.RIGHT, Side.RIGHT);
    table.row("", written == null ? "" : "this start", "in all");
    row(table, "committed", written == null ? null : written.sharedWrites(), calls.committed());
    row(table, "rolled back", written == null ? null : written.rolledBack(), calls.rolledBack());
    row(
        table,
        "rolled back in part",
        written == null ? null : written.rollbackFailed(),
        calls.rollbackFailed());
    row(table, "settled since", null, calls.resolved());
    if (calls.unfinished() > 0) {
      row(table, "unfinished", null, calls.unfinished());
    }
    table.lines(columns).forEach(out::println);
    if (settled != null) {
      out.println("  Settled %s: %s by a retry, %s by hand"
          .formatted(
              counted((long) settled.retried() + settled.byHand(), "rollback failure"),
              number(settled.retried()),
              number(settled.byHand())));
    }
    if (!calls.open().isEmpty()) {
      print(calls.open());
    }
  }

  private static void row(Table table, String what, @Nullable Long now, long inAll) {
    table.row(what, now == null ? "" : number(now), number(inAll));
  }

  private void print(List<OpenFailure> open) {
    out.println();
    out.println("Open rollback failures: " + number(open.size()));
    Table table = Table.of(Side.LEFT, Side.LEFT, Side.LEFT, Side.LEFT)
        .row("when", "call", "operation", "why");
    open.stream()
        .limit(MAX_LINES)
        .forEach(failure -> table.row(
            time(failure.at()),
            failure.effect().substring(failure.effect().lastIndexOf('.') + 1) + " " + failure.id(),
            failure.operation(),
            briefly(failure.why())));
    if (open.size() > MAX_LINES) {
      table.row("...", number(open.size() - MAX_LINES) + " more");
    }
    table.lines(columns).forEach(out::println);
  }

  /** Without the class of the exception, which takes the room that the message needs. */
  private static String briefly(String why) {
    return why.replaceFirst("^[\\w.$]+Exception: ", "");
  }

  /** What the books of the reservation service come to. */
  static String audit(Audit audit) {
    return "%s in the reservation service as the journal says; they add up to %s and %s in payments"
        .formatted(
            audit.calls() == 1 ? "1 call stands" : number(audit.calls()) + " calls stand",
            counted(audit.seats(), "seat"),
            String.format(Locale.ROOT, "%,.2f", audit.money()));
  }

  private void print(Report report, Written written) {
    Table table = Table.of(Side.LEFT, Side.RIGHT, Side.RIGHT)
        .row("", "this start", "in all")
        .row("runs", number(written.runs()), number(report.totals().runs()))
        .row("messages", number(written.messages()), number(report.totals().messages()))
        .row("changes by tools", number(written.sharedWrites()), "")
        .row("versions", number(written.changeSets()), number(report.totals().versions()))
        .row("changes", number(written.changes()), number(report.totals().changes()))
        .row("reservations", "", number(report.totals().reservations()))
        .row("database", "", megabytes(report.totals().databaseBytes()));
    out.println();
    out.println("Replay");
    table.lines(columns).forEach(out::println);
    if (written.changeSets() > 0) {
      speed(written).lines(columns).forEach(out::println);
    }
  }

  private static Table speed(Written written) {
    Table table = Table.of(Side.LEFT, Side.LEFT);
    table.row(
        "time",
        "%.2f s, %s versions per second"
            .formatted(written.speed().seconds(), number(written.speed().changeSetsPerSecond())));
    Report.Latency step = written.speed().step();
    if (!step.slowest().isEmpty()) {
      table.row(
          "step",
          "median %.1f ms, 99 %% below %.1f ms, slowest %.1f ms (%s)"
              .formatted(
                  step.medianMillis(), step.p99Millis(), step.slowestMillis(), step.slowest()));
    }
    if (written.conflicts() > 0) {
      table.row("conflicts", number(written.conflicts()) + ", decided anew");
    }
    return table;
  }

  private void print(ReservationHistory history) {
    out.println();
    out.println("Reservation " + history.name() + ", changed by " + counted(history.runs(), "run"));
    Table table = Table.of(Side.RIGHT, Side.LEFT, Side.LEFT, Side.LEFT, Side.LEFT)
        .row("version", "when", "who", "why", "what");
    shown(history.versions()).forEach(table::row);
    table.lines(columns).forEach(out::println);
  }

  private static List<List<String>> shown(List<Line> versions) {
    int left = versions.size() - MAX_LINES;
    if (left <= 0) {
      return versions.stream().map(TextReport::cells).toList();
    }
    int head = MAX_LINES / 2;
    List<List<String>> shown = new ArrayList<>();
    versions.subList(0, head).forEach(line -> shown.add(cells(line)));
    shown.add(List.of("...", (left + 1) + " more"));
    versions
        .subList(versions.size() - (MAX_LINES - head - 1), versions.size())
        .forEach(line -> shown.add(cells(line)));
    return shown;
  }

  private static List<String> cells(Line line) {
    return List.of(
        String.valueOf(line.version()), time(line.at()), line.actor(), line.reason(), line.what());
  }

  private static String time(Instant instant) {
    return TIME.format(instant);
  }

  /** A whole number with commas. */
  static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A number and what is counted, in the plural unless it is one. */
  static String counted(long number, String noun) {
    return number(number) + " " + noun + (number == 1 ? "" : "s");
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
