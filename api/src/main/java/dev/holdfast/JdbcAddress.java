package dev.holdfast;

/** How to reach a database. Its text never shows the password. Immutable. */
record JdbcAddress(String url, String user, String password) {

  @Override
  public String toString() {
    return url.replaceAll("(?i)(password=)[^&]*", "$1***").replaceAll("//[^?]*@", "//***@") + " as "
        + user;
  }
}
