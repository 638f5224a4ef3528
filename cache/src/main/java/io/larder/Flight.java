package io.larder;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One call of a loader, which the thread that makes it owns, and the callers that wait for its result.
 *
 * <p>The result is the encoded value, so that each waiter decodes an object of its own, as with every other read.
 * It is made only when somebody waits: {@link #join()} before waiting, {@link #close()} before the result is made.
 *
 * <p>Waiting parks the thread and holds no monitor. A loader that waits, however indirectly, for its own flight
 * would wait for ever; so before a thread parks it follows the chain <em>flight, its owner, the flight the owner
 * waits for</em>. Each thread makes known what it waits for before it looks, so of the threads that close a circle
 * at least one sees it.
 */
final class Flight {
  private static final int CLOSED = Integer.MIN_VALUE;

  /** Longer chains of loaders that wait for loaders are not followed. */
  private static final int CHAIN_LENGTH_MAX = 1024;

  /** What each waiting thread waits for, in all caches of the JVM. */
  private static final ConcurrentHashMap<Thread, Flight> WAITING = new ConcurrentHashMap<>();

  final long hash;
  final byte[] key;
  private final Thread owner = Thread.currentThread();
  private final AtomicInteger waiters = new AtomicInteger();
  private final CompletableFuture<byte @Nullable []> result = new CompletableFuture<>();

  /** A flight owned by the calling thread; the key is not copied. */
  Flight(long hash, byte[] key) {
    this.hash = hash;
    this.key = key;
  }

  boolean isFor(long otherHash, byte[] otherKey, int offset, int length) {
    return hash == otherHash && Arrays.equals(key, 0, key.length, otherKey, offset, offset + length);
  }

  /** Announces that the caller will wait; false when it comes too late. */
  boolean join() {
    int count;
    do {
      count = waiters.get();
      if (count < 0) {
        return false;
      }
    } while (!waiters.compareAndSet(count, count + 1));
    return true;
  }

  /** Lets nobody join any more; says whether anybody has. */
  boolean close() {
    return waiters.getAndSet(CLOSED) > 0;
  }

  /** The result for those who wait: the encoded value, or null when there is none. */
  void land(byte @Nullable [] encoded) {
    result.complete(encoded);
  }

  /** The loader failed: so do all who wait. */
  void fail(Throwable failure) {
    waiters.set(CLOSED);
    result.completeExceptionally(failure);
  }

  /**
   * Waits for the result, not minding interrupts: they stay pending.
   *
   * @throws IllegalStateException when the flight waits for the calling thread
   */
  byte @Nullable [] await() {
    Thread self = Thread.currentThread();
    WAITING.put(self, this);
    try {
      if (waitsFor(self)) {
        throw new IllegalStateException(
            "a loader asks, itself or by way of other loaders, for the key that it is loading:"
                + " it would wait for itself for ever");
      }
      return result.join();
    } catch (CompletionException wrapped) {
      throw rethrow(wrapped);
    } finally {
      WAITING.remove(self);
    }
  }

  private boolean waitsFor(Thread thread) {
    Flight flight = this;
    for (int i = 0; i < CHAIN_LENGTH_MAX && flight != null && !flight.result.isDone(); i++) {
      if (flight.owner.equals(thread)) {
        return true;
      }
      flight = WAITING.get(flight.owner);
    }
    return false;
  }

  private static RuntimeException rethrow(CompletionException wrapped) {
    return switch (wrapped.getCause()) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      case null, default -> wrapped;
    };
  }
}
