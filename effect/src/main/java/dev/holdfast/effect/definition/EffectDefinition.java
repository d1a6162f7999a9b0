package dev.holdfast.effect.definition;

import dev.holdfast.effect.EffectOptions;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.store.json.internal.TextRules;
import org.jspecify.annotations.Nullable;

/**
 * A kind of effect transaction that every process knows which registers it, see {@link dev.holdfast.effect.Effects#define}. Immutable: every
 * method returns a new definition. Safe for use by multiple threads if the body is.
 *
 * <pre>{@code
 * EffectDefinition<BookTrip, Trip> bookTrip = EffectDefinition.of("book-trip", BookTrip.class, (effect, wish) -> {
 *   Booking flight = effect.perform("flight.book", new BookFlight(wish.from(), wish.to()));
 *   Booking hotel = effect.perform("hotel.book", new BookHotel(wish.to()));
 *   return new Trip(flight, hotel);
 * });
 * }</pre>
 *
 * @param <I> the type of inputs, which are recorded as JSON
 * @param <T> what the body returns
 */
public final class EffectDefinition<I, T extends @Nullable Object> {

  private static final int DEFAULT_RECOVERIES = 5;
  private static final int MOST_RECOVERIES = 1_000;

  private final String name;
  private final Class<I> inputType;
  private final DefinitionBody<? super I, ? extends T> body;
  private final Codec<I> inputs;
  private final Recovery recovery;
  private final int maxRecoveries;
  private final EffectOptions options;

  private EffectDefinition(
      String name,
      Class<I> inputType,
      DefinitionBody<? super I, ? extends T> body,
      Recovery recovery,
      int maxRecoveries,
      EffectOptions options) {
    this.name = TextRules.requireText("name of the definition", name, StateId.MAX_BYTES);
    this.inputType = inputType;
    this.body = body;
    this.inputs = JacksonCodec.of(inputType);
    this.recovery = recovery;
    this.maxRecoveries = maxRecoveries;
    this.options = options;
  }

  /**
   * A definition that recovery goes on with, up to 5 times.
   *
   * @param name what kind of work it is, 1 to 512 bytes; also the name of its effect transactions
   * @param input the type of inputs
   */
  public static <I, T extends @Nullable Object> EffectDefinition<I, T> of(
      String name, Class<I> input, DefinitionBody<? super I, ? extends T> body) {
    return new EffectDefinition<>(
        name, input, body, Recovery.FORWARD, DEFAULT_RECOVERIES, EffectOptions.defaults());
  }

  /** What becomes of an effect transaction whose process gave no sign of life; {@link Recovery#FORWARD} by default. */
  public EffectDefinition<I, T> recovery(Recovery direction) {
    return new EffectDefinition<>(name, inputType, body, direction, maxRecoveries, options);
  }

  /**
   * How often recovery goes on with the same effect transaction; 0 to 1,000, 5 by default. When that many processes have ended within it, it is
   * rolled back: it may be what ends them. A caller who asks for the same id again is not counted.
   */
  public EffectDefinition<I, T> maxRecoveries(int times) {
    if (times < 0 || times > MOST_RECOVERIES) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "maxRecoveries of definition \"" + name + "\" is 0 to " + MOST_RECOVERIES + ", not "
              + times);
    }
    return new EffectDefinition<>(name, inputType, body, recovery, times, options);
  }

  /** How its effect transactions run; a timeout begins anew when another process goes on. */
  public EffectDefinition<I, T> options(EffectOptions how) {
    return new EffectDefinition<>(name, inputType, body, recovery, maxRecoveries, how);
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** The type of inputs. */
  public Class<I> inputType() {
    return inputType;
  }

  /** How inputs are recorded. */
  public Codec<I> inputs() {
    return inputs;
  }

  /** The work. */
  public DefinitionBody<? super I, ? extends T> body() {
    return body;
  }

  /** What becomes of an effect transaction whose process gave no sign of life. */
  public Recovery recovery() {
    return recovery;
  }

  /** How often recovery goes on with the same effect transaction at most. */
  public int maxRecoveries() {
    return maxRecoveries;
  }

  /** How its effect transactions run. */
  public EffectOptions options() {
    return options;
  }
}
