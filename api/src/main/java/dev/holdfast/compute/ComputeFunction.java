package dev.holdfast.compute;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.store.json.internal.TextRules;
import java.lang.invoke.MethodType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pure function with a name. Immutable, and safe for use by multiple threads if the work is.
 *
 * @param name 1 to 512 bytes
 * @param inputType what it takes
 * @param inputs turns inputs into JSON, which tells equal ones from others
 * @param work what it does
 * @param <I> the type of inputs
 * @param <O> the type of results
 */
public record ComputeFunction<I, O>(
    String name, Class<I> inputType, Codec<I> inputs, Work<? super I, ? extends O> work) {

  private static final int MAX_NAME = 512;

  /** Checks the name, and refuses a primitive type, of which no input is: {@code Integer.class} instead of {@code int.class}. */
  public ComputeFunction {
    TextRules.requireText("name of the computation", name, MAX_NAME);
    if (inputType.isPrimitive()) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "Computation \"" + name + "\" takes "
              + MethodType.methodType(inputType).wrap().returnType().getName() + " instead of "
              + inputType.getName(),
          Map.of("computation", name),
          null);
    }
  }

  /**
   * A function of inputs without type parameters; two inputs are equal when their JSON is, whatever the order of its keys. So are 0.0 and -0.0.
   */
  public static <I, O> ComputeFunction<I, O> of(
      String name, Class<I> inputType, Work<? super I, ? extends O> work) {
    return new ComputeFunction<>(name, inputType, JacksonCodec.of(inputType), work);
  }

  /**
   * What a function does.
   *
   * @param <I> the type of inputs
   * @param <O> the type of results
   */
  @FunctionalInterface
  public interface Work<I, O> {

    /**
     * The result, which depends on the input alone, may be null, and is shared by all who ask: let it be immutable. Must not change the
     * input.
     *
     * @throws Exception when there is no result for this input; that is not remembered
     */
    @Nullable
    O compute(I input) throws Exception;
  }
}
