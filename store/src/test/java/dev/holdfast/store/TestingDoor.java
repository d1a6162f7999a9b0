package dev.holdfast.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.awaitility.Awaitility;

/** A data source that can be shut for a while: whoever wants a connection then waits until it is opened. Safe for use by multiple threads. */
final class TestingDoor {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition opened = lock.newCondition();
  private boolean isShut;
  private int waiting;

  DataSource before(DataSource source) {
    return (DataSource) Proxy.newProxyInstance(
        DataSource.class.getClassLoader(),
        new Class<?>[] {DataSource.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("getConnection")) {
            pass();
          }
          try {
            return method.invoke(source, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  private void pass() throws InterruptedException {
    lock.lock();
    try {
      waiting++;
      while (isShut) {
        opened.await();
      }
      waiting--;
    } finally {
      lock.unlock();
    }
  }

  /** Starts writers while no connection can be had, so that they meet in the queue, and lets them go. */
  List<Future<Long>> holdBack(ExecutorService threads, int writers, Write write) {
    shut();
    AtomicInteger started = new AtomicInteger();
    List<Future<Long>> futures = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      int number = i;
      futures.add(threads.submit(() -> {
        started.incrementAndGet();
        return write.write(number);
      }));
    }
    Awaitility.await().until(() -> started.get() == writers && waiting() > 0);
    open();
    return futures;
  }

  /** What one of several writers does. */
  interface Write {
    long write(int number) throws Exception;
  }

  int waiting() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  void shut() {
    lock.lock();
    try {
      isShut = true;
    } finally {
      lock.unlock();
    }
  }

  void open() {
    lock.lock();
    try {
      isShut = false;
      opened.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
