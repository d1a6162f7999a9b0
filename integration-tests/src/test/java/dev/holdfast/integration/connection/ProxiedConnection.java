package dev.holdfast.integration.connection;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One connection of a client and the one to the server that belongs to it, with a thread for each direction. What the client sends is
 * held until the message that asks for an answer, so that a request is forwarded whole or not at all.
 */
final class ProxiedConnection {

  private static final int BUFFER = 1 << 16;

  private final TestingProxy proxy;
  private final Socket client;
  private final Socket server;
  private final Map<String, Message.Parsed> prepared = new HashMap<>();
  private final CountDownLatch delivery = new CountDownLatch(1);
  private final CountDownLatch answered = new CountDownLatch(1);
  private volatile boolean dropsReply;
  private volatile boolean held;

  private ProxiedConnection(TestingProxy proxy, Socket client, Socket server) {
    this.proxy = proxy;
    this.client = client;
    this.server = server;
  }

  static ProxiedConnection start(TestingProxy proxy, Socket client, InetSocketAddress address)
      throws IOException {
    Socket server = new Socket();
    try {
      server.connect(address);
      server.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
    } catch (IOException e) {
      client.close();
      throw e;
    }
    ProxiedConnection connection = new ProxiedConnection(proxy, client, server);
    daemon("proxy-requests", () -> connection.untilEnd(connection::forwardRequests));
    daemon("proxy-replies", () -> {
      connection.untilEnd(connection::forwardReplies);
      connection.answered.countDown();
    });
    return connection;
  }

  static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** The end of one side is the end of the other. */
  private void untilEnd(Forwarding forwarding) {
    try {
      forwarding.run();
    } catch (IOException ignored) {
      // However it ended: the client sees it as the loss of its connection.
    } finally {
      close(server);
      close(client);
    }
  }

  void cut() {
    delivery.countDown();
    close(client);
    close(server);
  }

  void deliver() {
    if (held) {
      delivery.countDown();
      await(answered);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("The server did not answer a request that was delivered late");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void forwardRequests() throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    OutputStream out = new BufferedOutputStream(server.getOutputStream(), BUFFER);
    forwardStartup(in, out);
    List<Message> request = new ArrayList<>();
    while (true) {
      Message message = Message.read(in);
      request.add(message);
      if (message.asksForAnswer()) {
        forward(request, out);
        request.clear();
      }
    }
  }

  /** The first message of a connection has no type. */
  private static void forwardStartup(DataInputStream in, OutputStream out) throws IOException {
    int length = in.readInt();
    out.write(new byte[] {
      (byte) (length >>> 24), (byte) (length >>> 16), (byte) (length >>> 8), (byte) length
    });
    out.write(in.readNBytes(length - Integer.BYTES));
    out.flush();
  }

  private void forward(List<Message> request, OutputStream out) throws IOException {
    if (request.get(request.size() - 1).asksForReadiness()) {
      proxy.countRequest();
    }
    Cut cut = proxy.seen(statements(request));
    if (cut == null) {
      write(request, out);
      return;
    }
    switch (cut) {
      case BEFORE_REQUEST -> throw new SocketException("cut before the request");
      case AFTER_REQUEST -> {
        // A reply that came through would make it no cut of this request, but of whatever the
        // client does next.
        dropsReply = true;
        write(request, out);
        throw new SocketException("cut after the request");
      }
      case BEFORE_REPLY -> {
        dropsReply = true;
        write(request, out);
      }
      case BEFORE_LATE_REQUEST -> writeLate(request, out);
    }
  }

  private void writeLate(List<Message> request, OutputStream out) throws IOException {
    held = true;
    dropsReply = true;
    close(client);
    try {
      delivery.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    write(request, out);
    await(answered);
  }

  private static void write(List<Message> request, OutputStream out) throws IOException {
    for (Message message : request) {
      message.write(out);
    }
    out.flush();
  }

  /** Every statement that the request runs, also those that were prepared earlier. */
  private List<Sent> statements(List<Message> request) {
    List<Sent> statements = new ArrayList<>();
    for (Message message : request) {
      message.parsed().ifPresent(parsed -> prepared.put(parsed.name(), parsed));
      message
          .bound()
          .map(prepared::get)
          .map(parsed -> new Sent(parsed.sql(), parsed.types(), message.parameters(parsed.types())))
          .ifPresent(statements::add);
      message.query().ifPresent(sql -> statements.add(new Sent(sql, List.of(), List.of())));
    }
    return statements;
  }

  private void forwardReplies() throws IOException {
    DataInputStream in =
        new DataInputStream(new BufferedInputStream(server.getInputStream(), BUFFER));
    OutputStream out = new BufferedOutputStream(client.getOutputStream(), BUFFER);
    while (true) {
      Message message = Message.read(in);
      if (message.saysReady()) {
        proxy.countRoundTrip();
        if (dropsReply) {
          throw new SocketException("cut before the reply");
        }
      }
      if (!dropsReply) {
        message.write(out);
        if (in.available() == 0) {
          out.flush();
        }
      }
    }
  }

  private interface Forwarding {
    void run() throws IOException;
  }
}
