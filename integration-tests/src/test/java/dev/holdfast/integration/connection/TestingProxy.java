package dev.holdfast.integration.connection;

import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy between Holdfast and the server that knows where the messages of PostgreSQL's protocol begin and end. It counts round
 * trips, which is how often the server says that it is ready for the next query, and cuts connections at a chosen moment of a chosen
 * request. Safe for use by several threads.
 */
public final class TestingProxy implements AutoCloseable {

  private final ServerSocket door;
  private final InetSocketAddress server;
  private final String database;
  private final AtomicLong roundTrips = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private final Queue<Plan> plans = new ConcurrentLinkedQueue<>();
  private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();

  private volatile @Nullable List<List<Sent>> recording;

  private TestingProxy(ServerSocket door, InetSocketAddress server, String database) {
    this.door = door;
    this.server = server;
    this.database = database;
  }

  /** A proxy to the server of a database, ready to be connected to. */
  public static TestingProxy to(TestDatabase database) {
    URI uri = URI.create(database.jdbcUrl().substring("jdbc:".length()));
    try {
      ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      InetSocketAddress server = new InetSocketAddress(uri.getHost(), Math.max(uri.getPort(), 1));
      TestingProxy proxy = new TestingProxy(door, server, database.name());
      ProxiedConnection.daemon("proxy-door", proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The URL of the database through this proxy. */
  public String jdbcUrl() {
    return "jdbc:postgresql://" + door.getInetAddress().getHostAddress() + ":" + door.getLocalPort()
        + "/" + database + "?sslmode=disable";
  }

  /** How often the server was ready for the next query, over all connections. */
  public long roundTrips() {
    return roundTrips.get();
  }

  /** How often a client asked for an answer, over all connections. */
  public long requests() {
    return requests.get();
  }

  /** Cuts the connection of the next request that has a statement like this, once; plans wait for each other in their order. */
  public void cutNext(Cut cut, Predicate<String> statement) {
    plans.add(new Plan(cut, statement));
  }

  /** Whether a planned cut has not happened yet. */
  public boolean isArmed() {
    return !plans.isEmpty();
  }

  /** Brings every request that was held back to the server, and waits until the server has closed the connection. */
  public void deliver() {
    connections.forEach(ProxiedConnection::deliver);
  }

  /** The requests that clients send while some work runs, each with its statements. */
  public List<List<Sent>> requestsDuring(Runnable work) {
    List<List<Sent>> requests = new CopyOnWriteArrayList<>();
    recording = requests;
    try {
      work.run();
      return List.copyOf(requests);
    } finally {
      recording = null;
    }
  }

  /** Told of every request before it is forwarded; says whether to cut its connection, and when. */
  @Nullable
  Cut seen(List<Sent> statements) {
    List<List<Sent>> requests = recording;
    if (requests != null) {
      requests.add(statements);
    }
    Plan plan = plans.peek();
    boolean now = plan != null
        && statements.stream().map(Sent::sql).anyMatch(plan.statement)
        && plans.remove(plan);
    return now ? plan.cut : null;
  }

  void countRequest() {
    requests.incrementAndGet();
  }

  void countRoundTrip() {
    roundTrips.incrementAndGet();
  }

  private void accept() {
    while (!door.isClosed()) {
      acceptOne();
    }
  }

  private void acceptOne() {
    try {
      Socket client = door.accept();
      connections.add(ProxiedConnection.start(this, client, server));
    } catch (IOException ignored) {
      // The door was closed, or the server refuses: either way the client sees it.
    }
  }

  /** Refuses new connections and cuts those that are open. */
  @Override
  public void close() {
    try {
      door.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    connections.forEach(ProxiedConnection::cut);
  }

  private record Plan(Cut cut, Predicate<String> statement) {}
}
