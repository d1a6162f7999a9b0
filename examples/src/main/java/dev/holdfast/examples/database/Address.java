package dev.holdfast.examples.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How to reach a database with plain JDBC. Its text never shows the password. Immutable. */
record Address(String url, String user, String password) {

  private static final int LINE_OF_PORT = 3;

  /** The address of the server that Holdfast started in a folder, from the file in which PostgreSQL notes its port. */
  static Address ofServerIn(Path folder) throws IOException {
    Path file = folder.resolve("postgresql").resolve("postmaster.pid");
    String port = Files.readAllLines(file).get(LINE_OF_PORT).trim();
    return new Address("jdbc:postgresql://localhost:" + port + "/postgres", "postgres", "postgres");
  }

  /** The command that opens a prompt there. */
  String psql() {
    String plain = url.replaceFirst("^jdbc:", "").replaceFirst("\\?.*", "");
    return "psql -U " + user + " " + plain;
  }

  @Override
  public String toString() {
    return url.replaceFirst("\\?.*", "") + " as " + user;
  }
}
