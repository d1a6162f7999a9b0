package dev.holdfast.integration.connection;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement as it went over the wire with its parameters. Immutable.
 *
 * @param sql the text, with $1, $2 and so on for the parameters
 * @param types the object ids of the parameters' types, 0 for one that the server is to find out
 * @param values the parameters as text; only for connections with {@code binaryTransfer=false}
 */
public record Sent(String sql, List<Integer> types, List<@Nullable String> values) {

  /** Copies the lists. */
  public Sent {
    types = List.copyOf(types);
    values = Collections.unmodifiableList(new ArrayList<>(values));
  }
}
