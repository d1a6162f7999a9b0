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

  @Override
  public String toString() {
    return url.replaceAll("(?i)(password=)[^&]*", "$1***").replaceAll("//[^?]*@", "//***@")
        + (user == null ? "" : " as " + user);
  }
}
