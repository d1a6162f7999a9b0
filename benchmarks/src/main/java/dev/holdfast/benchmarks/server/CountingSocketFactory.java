package dev.holdfast.benchmarks.server;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.atomic.LongAdder;
import javax.net.SocketFactory;

/**
 * Sockets that count round trips: each time something is read after something was written. The driver makes it by its name, so what it
 * counts is one number for the whole process. Safe for use by multiple threads.
 */
public final class CountingSocketFactory extends SocketFactory {

  private static final LongAdder ROUND_TRIPS = new LongAdder();

  /** The round trips of all sockets so far. */
  static long roundTrips() {
    return ROUND_TRIPS.sum();
  }

  @Override
  public Socket createSocket() {
    return new CountingSocket();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw onlyUnconnected();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort)
      throws IOException {
    throw onlyUnconnected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    throw onlyUnconnected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
      throws IOException {
    throw onlyUnconnected();
  }

  private static IOException onlyUnconnected() {
    return new IOException("The driver was expected to make a socket first and connect it then");
  }

  private static final class CountingSocket extends Socket {

    /** One thread at a time uses a connection, and the pool hands it over safely. */
    private boolean hasWritten;

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          count();
          return in.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          count();
          return in.read(bytes, offset, length);
        }
      };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(int value) throws IOException {
          hasWritten = true;
          out.write(value);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          hasWritten = true;
          out.write(bytes, offset, length);
        }
      };
    }

    private void count() {
      if (hasWritten) {
        hasWritten = false;
        ROUND_TRIPS.increment();
      }
    }
  }
}
