package dev.holdfast.contract.internal;

import dev.holdfast.contract.SourceLocation;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** A piece of a document, before anything is known of its meaning. Immutable. */
public sealed interface SourceNode {

  /** Where it begins; null for what did not come from a file. */
  @Nullable
  SourceLocation location();

  /** A text, number, boolean or null. */
  record Scalar(@Nullable SourceLocation location, @Nullable Object value) implements SourceNode {}

  /** A list. */
  record Sequence(@Nullable SourceLocation location, List<SourceNode> items) implements SourceNode {
    /** Copies the items. */
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /** A mapping from names, in the order of the file. */
  record Mapping(@Nullable SourceLocation location, Map<String, SourceNode> entries)
      implements SourceNode {

    /** A mapping without entries. */
    public static final Mapping EMPTY = new Mapping(null, Map.of());

    /** Copies the entries. */
    public Mapping {
      entries = new LinkedHashMap<>(entries);
    }

    /**
     * This document with what another says: mappings are merged name by name, everything else is replaced. A section that says nothing, as
     * when all of it is commented out, replaces nothing; within a section null is a value like any other.
     */
    public Mapping overriddenBy(Mapping other) {
      return merge(other, Mapping::overrideSection);
    }

    private Mapping merge(Mapping other, BinaryOperator<SourceNode> overriding) {
      Map<String, SourceNode> merged = new LinkedHashMap<>(entries);
      other.entries.forEach((name, node) -> merged.merge(name, node, overriding));
      return new Mapping(other.location == null ? location : other.location, merged);
    }

    private static SourceNode overrideSection(SourceNode below, SourceNode above) {
      boolean saysNothing = above instanceof Scalar scalar && scalar.value() == null;
      return saysNothing && below instanceof Mapping ? below : override(below, above);
    }

    private static SourceNode override(SourceNode below, SourceNode above) {
      return below instanceof Mapping lower && above instanceof Mapping upper
          ? lower.merge(upper, Mapping::override)
          : above;
    }

    /** This mapping without one name. */
    public Mapping without(String name) {
      Map<String, SourceNode> rest = new LinkedHashMap<>(entries);
      rest.remove(name);
      return new Mapping(location, rest);
    }
  }

  /** Plain maps, lists and scalars as nodes. Keys become text. */
  static SourceNode of(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, SourceNode> entries = new LinkedHashMap<>();
      map.forEach((name, item) -> entries.put(String.valueOf(name), of(item)));
      return new Mapping(null, entries);
    }
    if (value instanceof List<?> list) {
      List<SourceNode> items = new ArrayList<>();
      list.forEach(item -> items.add(of(item)));
      return new Sequence(null, items);
    }
    return new Scalar(null, scalar(value));
  }

  private static @Nullable Object scalar(@Nullable Object value) {
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float || value instanceof BigDecimal) {
      return Double.valueOf(value.toString());
    }
    if (value instanceof BigInteger whole) {
      // As in a file: what no long holds is a decimal number, and out of range.
      return whole.bitLength() < Long.SIZE
          ? (Object) whole.longValue()
          : (Object) whole.doubleValue();
    }
    return value instanceof Enum<?> constant ? constant.toString() : value;
  }
}
