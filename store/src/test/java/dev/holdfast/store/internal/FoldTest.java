package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.HoldfastException;
import org.junit.jupiter.api.Test;

/** Patches are applied to a tree and appends joined as text, in whatever order they come. */
final class FoldTest {

  private static final String ADD_NINE = """
      [{"op": "add", "path": "/-", "value": 9}]""";

  private final Fold fold = new Fold();

  @Test
  void patchesAndAppendsInTurn() {
    fold.add(Form.VALUE, "[1]");
    fold.add(Form.APPEND, "[2]");
    fold.add(Form.PATCH, ADD_NINE);
    fold.add(Form.PATCH, ADD_NINE);
    fold.add(Form.APPEND, "[3]");
    fold.add(Form.APPEND, "[4]");
    assertThat(fold.result()).isEqualTo("[1,2,9,9,3,4]");
    fold.add(Form.PATCH, ADD_NINE);
    assertThat(fold.result()).isEqualTo("[1,2,9,9,3,4,9]");
    assertThat(fold.result()).as("asked again").isEqualTo("[1,2,9,9,3,4,9]");
    fold.add(Form.APPEND, "[5]");
    fold.add(Form.PATCH, ADD_NINE);
    assertThat(fold.result()).isEqualTo("[1,2,9,9,3,4,9,5,9]");
  }

  @Test
  void whatComesAfterPatchesReplacesThem() {
    fold.add(Form.VALUE, "[1]");
    fold.add(Form.PATCH, ADD_NINE);
    fold.add(Form.VALUE, "[2]");
    assertThat(fold.result()).isEqualTo("[2]");
    fold.add(Form.PATCH, ADD_NINE);
    fold.add(Form.NONE, null);
    assertThat(fold.result()).isNull();
  }

  @Test
  void aPatchOfNothingIsDamage() {
    assertThatThrownBy(() -> fold.add(Form.PATCH, ADD_NINE))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("a patch without a value");
  }
}
