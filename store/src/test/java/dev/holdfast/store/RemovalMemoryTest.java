package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.holdfast.store.retention.RemovalExport;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPlan;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A batch is a number of rows, and a value can have a mebibyte. */
@HoldfastTest
@Tag("G6")
final class RemovalMemoryTest {

  private static final int VERSIONS = 80;
  private static final int CHARS = 512 * 1024;

  private final TestDatabase database;

  @AutoClose
  private final TestingStore store;

  private final Retention retention;
  private final State<JsonNode> state;

  RemovalMemoryTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database);
    this.retention = Retention.on(database.dataSource(), database.schema()).grace(Duration.ZERO);
    this.state = store.state();
  }

  @BeforeEach
  void writeLargeValues() {
    for (int i = 1; i <= VERSIONS; i++) {
      state.set("large", json(String.valueOf(i % 10).repeat(CHARS)));
    }
  }

  private RetentionPlan plan() {
    return retention.plan(RetentionPolicy.keepVersions(0), state.id());
  }

  private long rows() {
    return database.queryLong(
        "SELECT count(*) FROM holdfast.change WHERE state_id = '" + state.id().uuid() + "'");
  }

  @Test
  void whatIsNotExportedIsNotRead() {
    RetentionPlan plan = plan();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(self);

    long removed = retention.run(plan).removed();

    long allocated = threads.getThreadAllocatedBytes(self) - before;
    assertThat(removed).isEqualTo(VERSIONS - 1);
    assertThat(allocated).isBetween(1L, (long) VERSIONS * CHARS / 4);
  }

  /** Between two calls of sync is what was in memory for one transaction. */
  @Test
  void whatIsExportedIsRemovedInPartsThatMemoryBears() {
    List<Integer> chars = new ArrayList<>();
    List<Long> left = new ArrayList<>();
    long removed = retention
        .run(plan(), new RemovalExport() {
          private int sinceSync;

          @Override
          public void write(String line) {
            sinceSync += line.length();
          }

          @Override
          public void sync() {
            left.add(rows());
            chars.add(sinceSync);
            sinceSync = 0;
          }
        })
        .removed();

    assertThat(removed).isEqualTo(VERSIONS - 1);
    assertThat(chars)
        .hasSizeGreaterThan(2)
        .allSatisfy(part -> assertThat(part).isLessThan(8 * 1024 * 1024 + 17 * CHARS));
    assertThat(chars.stream().mapToInt(part -> part / CHARS).sum()).isEqualTo(VERSIONS - 1);
    assertThat(left).as("each part is committed by itself").doesNotHaveDuplicates();
    assertThat(rows()).isEqualTo(1);
    assertThat(store.query(
            "SELECT removed::text FROM holdfast.history_removal_summary WHERE state_id = ?",
            state.id().uuid()))
        .containsExactly(String.valueOf(VERSIONS - 1));
  }
}
