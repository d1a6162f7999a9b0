package dev.holdfast.benchmarks.features;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Suite;
import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Layout;
import dev.holdfast.benchmarks.report.Measurement;
import dev.holdfast.benchmarks.report.Metric;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * How fast the same writes and reads are by the store alone, with every feature switched off by contract, with features on, and by another
 * build if one is given, taking turns. Stateless.
 */
public final class FeaturesSuite implements Suite {

  private static final double LEAST = 0.95;
  private static final Duration OPENING = Duration.ofSeconds(3);

  // Many short ones: see the suite of the cache.
  private static final Duration TURN = Duration.ofMillis(400);
  private static final Metric THROUGHPUT = new Metric("throughput", "1/s");
  private static final List<Variant> COMPARED_WITH = List.of(Variant.ALONE, Variant.BEFORE);

  @Override
  public String name() {
    return "features";
  }

  @Override
  public String description() {
    return "the same writes and reads with features off and on";
  }

  @Override
  public void run(Bench bench) {
    bench
        .database()
        .quietly(() -> Load.ALL.stream()
            .filter(load -> bench.settings().wants(load.title()))
            .forEach(load -> compare(bench, load)));
  }

  /** All are open all the time, so what they do in the background holds up all of them alike: how fast the calls are is compared. */
  private static void compare(Bench bench, Load load) {
    bench.report().section(load.title(), Layout.CONTENDERS_DOWN);
    List<Subject> subjects = new ArrayList<>();
    try {
      start(bench, load, subjects);
      subjects.forEach(subject -> subject.throughput(OPENING));
      Random random = new Random(bench.settings().seed());
      for (int round = 1; round <= bench.settings().rounds(101, 21); round++) {
        bench.progress(load.title() + ": round " + round);
        Collections.shuffle(subjects, random);
        Map<Variant, Double> measured = new LinkedHashMap<>();
        subjects.forEach(subject -> measured.put(subject.variant(), subject.throughput(TURN)));
        report(bench, load, round, measured);
      }
    } finally {
      subjects.forEach(Subject::close);
    }
    require(bench, load, Variant.ALONE);
    if (bench.settings().before() != null) {
      require(bench, load, Variant.BEFORE);
    }
  }

  private static void start(Bench bench, Load load, List<Subject> subjects) {
    for (Variant variant : Variant.OF_THIS_BUILD) {
      subjects.add(start(bench, load, variant, ClassPath.ofThisBuild()));
    }
    Path before = bench.settings().before();
    if (before != null) {
      subjects.add(start(bench, load, Variant.BEFORE, ClassPath.ofBuildIn(before)));
    }
  }

  private static Subject start(Bench bench, Load load, Variant variant, String classPath) {
    return Subject.start(bench, bench.database().newEmptySchema(), load, variant, classPath);
  }

  private static void report(Bench bench, Load load, int round, Map<Variant, Double> measured) {
    measured.forEach((variant, throughput) -> {
      Contender contender = contender(load, variant);
      bench.report().add(new Measurement(contender, THROUGHPUT, round, throughput));
      for (Variant other : COMPARED_WITH) {
        Double ofOther = measured.get(other);
        if (ofOther != null) {
          bench
              .report()
              .add(new Measurement(contender, ratioTo(other), round, throughput / ofOther));
        }
      }
    });
  }

  private static void require(Bench bench, Load load, Variant other) {
    bench
        .report()
        .check(Check.atLeast(
            load.title() + ": features off / " + other.name(),
            "",
            LEAST,
            bench.report().summary(contender(load, Variant.OFF), ratioTo(other)).median()));
  }

  private static Metric ratioTo(Variant other) {
    return new Metric("ratio to " + other.name(), "");
  }

  private static Contender contender(Load load, Variant variant) {
    return new Contender(variant.name(), load.threads(), Load.STATES);
  }
}
