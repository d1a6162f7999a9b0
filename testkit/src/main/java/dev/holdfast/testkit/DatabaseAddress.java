package dev.holdfast.testkit;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * How to reach a database. Immutable.
 *
 * @param url the JDBC URL, without user and password
 */
record DatabaseAddress(String url, String user, String password) {

  private static final String APPLICATION = "holdfast-testkit";
  private static final Pattern URL = Pattern.compile(
      "(?<server>jdbc:postgresql://[^/?]*)(/(?<database>[^?]*))?(\\?(?<parameters>.*))?");
  private static final Pattern USER_PARAMETER = Pattern.compile("(user|password)=.*|");
  private static final int CONNECT_SECONDS = 10;
  // Longer than any statement of a test takes, and short enough for a hanging one to fail within
  // the build's patience.
  private static final int SOCKET_SECONDS = 300;

  /**
   * The address that a JDBC URL names; without a user in it the operating system's, as the driver does.
   *
   * @throws IllegalArgumentException when it has another form than {@code jdbc:postgresql://host:port/database?parameters}
   */
  static DatabaseAddress parse(String jdbcUrl) {
    PGSimpleDataSource parsed = new PGSimpleDataSource();
    parsed.setURL(jdbcUrl);
    String user = Objects.requireNonNullElseGet(
        parsed.getUser(), () -> System.getProperty("user.name", "postgres"));
    String password = Objects.requireNonNullElse(parsed.getPassword(), "");
    Matcher parts = parts(jdbcUrl);
    String url =
        parts.group("server") + "/" + Objects.requireNonNullElse(parts.group("database"), "");
    return new DatabaseAddress(url + parametersWithoutUser(parts), user, password);
  }

  /** The database of this name on the same server, with the same parameters. */
  DatabaseAddress withDatabase(String name) {
    Matcher parts = parts(url);
    String parameters = Objects.requireNonNullElse(parts.group("parameters"), "");
    String other = parts.group("server") + "/" + name;
    return new DatabaseAddress(
        parameters.isEmpty() ? other : other + "?" + parameters, user, password);
  }

  /** A new data source that opens a connection each time. */
  DataSource dataSource() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setURL(url);
    source.setUser(user);
    source.setPassword(password);
    source.setApplicationName(APPLICATION);
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setSocketTimeout(SOCKET_SECONDS);
    source.setTcpKeepAlive(true);
    source.setLogServerErrorDetail(false);
    return source;
  }

  @Override
  public String toString() {
    return url;
  }

  private static Matcher parts(String url) {
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "The URL of the server must have the form jdbc:postgresql://host:port/database?parameters");
    }
    return parts;
  }

  private static String parametersWithoutUser(Matcher parts) {
    String parameters = Objects.requireNonNullElse(parts.group("parameters"), "");
    String kept = Pattern.compile("&")
        .splitAsStream(parameters)
        .filter(parameter -> !USER_PARAMETER.matcher(parameter).matches())
        .collect(Collectors.joining("&"));
    return kept.isEmpty() ? "" : "?" + kept;
  }
}
