package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.StateId;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Line.Load;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** When a queue wants a message sent, and what goes into it. */
final class LineTest {

  private static final int ENOUGH = Line.ENOUGH_FOR_A_SECOND;

  private final Line main = new Line(null);
  private long states;

  @Test
  void oneIsEnoughWhenNothingIsUnderWay() {
    assertThat(main.wantsLeader()).isFalse();
    add(state());
    assertThat(main.wantsLeader()).isTrue();

    assertThat(sendNext().tickets).hasSize(1);

    add(state());
    assertThat(main.wantsLeader()).isFalse();
  }

  @Test
  void aSecondMessageSetsOffWhenEnoughIsQueuedForIt() {
    add(state());
    Load first = sendNext();
    for (int i = 1; i < ENOUGH; i++) {
      add(state());
      assertThat(main.wantsLeader()).isFalse();
    }
    add(state());
    assertThat(main.wantsLeader()).isTrue();

    assertThat(sendNext().tickets).hasSize(ENOUGH);

    add(2 * ENOUGH);
    assertThat(main.wantsLeader()).as("no third one").isFalse();
    main.end(first.batch.states());
    assertThat(main.wantsLeader()).isTrue();
  }

  @Test
  void twoMessagesHaveNoStateInCommon() {
    UUID shared = state();
    add(shared);
    Load first = sendNext();
    for (int i = 0; i < 3 * ENOUGH; i++) {
      add(shared);
    }
    assertThat(main.wantsLeader()).as("all would find their state locked").isFalse();
    add(ENOUGH);

    Load second = sendNext();

    assertThat(second.tickets).hasSize(ENOUGH);
    assertThat(second.batch.states()).doesNotContain(shared);
    main.end(second.batch.states());
    assertThat(main.wantsLeader()).isFalse();
    main.end(first.batch.states());
    assertThat(sendNext().tickets).hasSize(3 * ENOUGH);
  }

  @Test
  void theStateOfTheLeaderIsItsOwnBeforeItTakesAnything() {
    add(state());
    Load first = sendNext();
    add(2 * ENOUGH);
    Ticket leader = callNext();
    assertThat(main.wantsLeader()).as("one at a time is called").isFalse();
    main.end(first.batch.states());
    assertThat(main.wantsLeader()).isFalse();

    Load second = main.take(leader);

    assertThat(second.tickets).first().isSameAs(leader);
    assertThat(second.batch.states()).contains(leader.state());
  }

  @Test
  void aLongQueueOfManyStatesBecomesTwoMessages() {
    add(4 * ENOUGH);

    Load first = sendNext();
    assertThat(main.wantsLeader()).isTrue();
    Load second = sendNext();

    assertThat(first.tickets).hasSize(2 * ENOUGH);
    assertThat(second.tickets).hasSize(2 * ENOUGH);
    Set<UUID> common = new HashSet<>(first.batch.states());
    common.retainAll(second.batch.states());
    assertThat(common).isEmpty();
    assertThat(main.isEmpty()).isTrue();
  }

  @Test
  void oneStateIsOneMessageHoweverLongTheQueue() {
    UUID hot = state();
    for (int i = 0; i < 4 * ENOUGH; i++) {
      add(hot);
    }

    assertThat(sendNext().tickets).hasSize(4 * ENOUGH);
  }

  @Test
  void aLaneHasOneMessageAtATime() {
    UUID state = state();
    Line lane = new Line(state);
    for (int i = 0; i < 3 * ENOUGH; i++) {
      lane.addLast(ticket(state));
    }
    lane.begin(state);
    assertThat(lane.wantsLeader()).isFalse();
    lane.end(List.of(state));
    assertThat(lane.wantsLeader()).isTrue();
  }

  @Test
  void whatIsTakenBackDoesNotCount() {
    add(state());
    sendNext();
    List<Ticket> queued = add(ENOUGH);
    assertThat(main.wantsLeader()).isTrue();

    assertThat(main.remove(queued.get(0))).isTrue();

    assertThat(main.wantsLeader()).isFalse();
  }

  @Test
  void whatMovesToALaneDoesNotCount() {
    add(state());
    sendNext();
    List<Ticket> queued = add(ENOUGH);
    UUID moving = queued.get(0).state();
    Line lane = new Line(moving);

    main.moveTo(lane, moving);

    assertThat(main.wantsLeader()).isFalse();
    assertThat(lane.isEmpty()).isFalse();
  }

  private Load sendNext() {
    return main.take(callNext());
  }

  private final List<Ticket> queued = new ArrayList<>();

  /** Calls the next leader, which is the one that has something to do then. */
  private Ticket callNext() {
    assertThat(main.wantsLeader()).isTrue();
    main.callFirst();
    Ticket leader =
        queued.stream().filter(ticket -> ticket.duty() != null).findFirst().orElseThrow();
    leader.assign(null);
    return leader;
  }

  /** States that fall into either half by turns. */
  private UUID state() {
    return new UUID(0, ++states);
  }

  private List<Ticket> add(int ofStatesOfTheirOwn) {
    return Stream.generate(() -> add(state())).limit(ofStatesOfTheirOwn).toList();
  }

  private Ticket add(UUID state) {
    Ticket ticket = ticket(state);
    queued.add(ticket);
    main.addLast(ticket);
    return ticket;
  }

  private static Ticket ticket(UUID state) {
    ChangeSet set = new ChangeSet(
        new StateId("line", state.toString()),
        state,
        new Author(null, null),
        UUID.randomUUID(),
        null,
        List.of(Item.value("key", Operation.SET, "1")));
    return new Ticket(set, 1, System.nanoTime() + Duration.ofMinutes(1).toNanos());
  }
}
