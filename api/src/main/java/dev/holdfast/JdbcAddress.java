package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * How to reach a database. Its text never shows the password. Immutable.
 *
 * @param user null for that of the URL, or else whom the driver takes
 * @param password null for that of the URL, or else what the driver finds
 */
record JdbcAddress(
    String url, @Nullable String user, @Nullable String password) {

  /** A password may hold anything: what is behind a colon and is no port belongs to it. */
  private static final String USER_BEFORE_HOST =
      "(?s)(jdbc:postgresql:/*)(?:[^/?\\[]*:(?!\\d*[/,]).*|[^?]*)@";

  @Override
  public String toString() {
    return url.replaceAll("(?i)(password\\s*=)[^&]*", "$1***")
            .replaceAll(USER_BEFORE_HOST, "$1***@")
            .replaceAll("//[^?]*@", "//***@")
        + (user == null ? "" : " as " + user);
  }
}
