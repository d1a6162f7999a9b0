package dev.holdfast.store.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ValueNode;

/**
 * Makes the node that reading the written number gives: {@code 1e0} is a decimal of scale 0, which is written as {@code 1} and
 * would come back as an integer that no longer equals it. Immutable.
 */
final class ExactNodes extends JsonNodeFactory {

  static final JsonNodeFactory INSTANCE = new ExactNodes();

  private static final long serialVersionUID = 1L;
  private static final int INT_BITS = 31;
  private static final int LONG_BITS = 63;

  private ExactNodes() {}

  @Override
  public ValueNode numberNode(BigDecimal value) {
    return value.scale() == 0 ? integer(value.unscaledValue()) : super.numberNode(value);
  }

  private ValueNode integer(BigInteger value) {
    if (value.bitLength() <= INT_BITS) {
      return numberNode(value.intValue());
    }
    return value.bitLength() <= LONG_BITS ? numberNode(value.longValue()) : numberNode(value);
  }
}
