package io.larder;

import io.larder.engine.RemovalSink;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The entries that have left the store and that the listener has not heard of yet.
 *
 * <p>The store adds to them under a partition's lock, so adding only takes note. They are taken and told by the
 * executor or the maintenance thread, and by writers while more than {@link #WAITING_BYTES_MAX} wait; each by
 * exactly one thread, with no lock held.
 */
final class Removals<K, V> implements RemovalSink {
  private static final Logger LOG = System.getLogger(Removals.class.getPackageName());

  /** From here on writers help. Documented in {@link RemovalListener}. */
  static final long WAITING_BYTES_MAX = 16L << 20;

  /** What one waiting removal takes on the heap besides the bytes of key and value. */
  private static final int OVERHEAD_BYTES = 96;

  /** How many the maintenance thread tells before it looks after its other work. */
  private static final int PER_ROUND = 256;

  private static final class Removal {
    final Cause cause;
    final byte[] key;
    final byte[] value;

    /** The flag; it means something only where values may be compressed. */
    final boolean packed;

    Removal(Cause cause, byte[] key, byte[] value, boolean packed) {
      this.cause = cause;
      this.key = key;
      this.value = value;
      this.packed = packed;
    }

    long bytes() {
      return OVERHEAD_BYTES + (long) key.length + value.length;
    }
  }

  private final String cacheName;
  private final Codec<K> keys;
  private final Codec<V> values;
  private final RemovalListener<? super K, ? super V> listener;
  private final @Nullable Executor executor;

  /** Whether values may be compressed; set before anybody is told anything. */
  private boolean packs;

  private final ConcurrentLinkedQueue<Removal> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicBoolean submitted = new AtomicBoolean();
  private final ThreadLocal<Boolean> telling = new ThreadLocal<>();

  final LongAdder listenerFailures = new LongAdder();
  final LongAdder decodeFailures = new LongAdder();

  Removals(
      String cacheName,
      Codec<K> keys,
      Codec<V> values,
      RemovalListener<? super K, ? super V> listener,
      @Nullable Executor executor) {
    this.cacheName = cacheName;
    this.keys = keys;
    this.values = values;
    this.listener = listener;
    this.executor = executor;
  }

  /** Says that values may be compressed, as their flags tell; before the cache is used. */
  void takePacked() {
    packs = true;
  }

  @Override
  public void removed(Cause cause, byte[] key, byte[] value, int userFlags) {
    Removal removal = new Removal(cause, key, value, (userFlags & Packing.PACKED) != 0);
    waitingBytes.getAndAdd(removal.bytes());
    waiting.add(removal);
  }

  @Override
  public void relieve() {
    help();
  }

  /**
   * For writers, after each write: tells some if too many wait. The listener's own writes do not, or it would call
   * itself.
   */
  void help() {
    if (waitingBytes.get() > WAITING_BYTES_MAX && telling.get() == null) {
      tell(() -> waitingBytes.get() > WAITING_BYTES_MAX);
    }
  }

  boolean isAnyWaiting() {
    return !waiting.isEmpty();
  }

  /** For the maintenance thread: tells some, or has the executor tell all. */
  void dispatch() {
    if (executor == null) {
      int[] left = {PER_ROUND};
      tell(() -> left[0]-- > 0);
    } else if (submitted.compareAndSet(false, true)) {
      submit(executor);
    }
  }

  /** For the maintenance thread, when it ends. */
  void tellTheRest() {
    if (executor != null && isAnyWaiting()) {
      submit(executor);
    } else {
      tellAll();
    }
  }

  private void submit(Executor to) {
    try {
      to.execute(
          () -> {
            submitted.set(false);
            tellAll();
          });
    } catch (RejectedExecutionException rejected) {
      submitted.set(false);
      LOG.log(
          Level.DEBUG,
          () -> "cache \"" + cacheName + "\": the executor takes no more removals, the maintenance thread tells them",
          rejected);
      tellAll();
    }
  }

  /** Tells all that wait, in this thread. */
  void tellAll() {
    tell(() -> true);
  }

  /** A condition without boxing. */
  @FunctionalInterface
  private interface Condition {
    boolean holds();
  }

  private void tell(Condition goOn) {
    Boolean outer = telling.get();
    telling.set(true);
    try {
      while (goOn.holds()) {
        Removal removal = waiting.poll();
        if (removal == null) {
          return;
        }
        waitingBytes.getAndAdd(-removal.bytes());
        tell(removal);
      }
    } finally {
      if (outer == null) {
        telling.remove();
      }
    }
  }

  private void tell(Removal removal) {
    K key;
    V value;
    byte[] bytes = packs && removal.packed ? Packing.unpack(removal.value) : removal.value;
    if (bytes == null) {
      decodeFailures.increment();
      LOG.log(Level.DEBUG, () -> "cache \"" + cacheName + "\": a removed entry cannot be decompressed");
      return;
    }
    try {
      key = keys.decode(removal.key, 0, removal.key.length);
      value = values.decode(bytes, 0, bytes.length);
    } catch (RuntimeException undecodable) {
      decodeFailures.increment();
      LOG.log(Level.DEBUG, () -> "cache \"" + cacheName + "\": a removed entry cannot be decoded", undecodable);
      return;
    }
    try {
      listener.onRemoval(key, value, cause(removal.cause));
    } catch (Throwable failure) {
      listenerFailures.increment();
      LOG.log(Level.WARNING, () -> "cache \"" + cacheName + "\": the removal listener failed", failure);
    }
  }

  private static RemovalCause cause(Cause cause) {
    return switch (cause) {
      case EXPLICIT -> RemovalCause.EXPLICIT;
      case REPLACED -> RemovalCause.REPLACED;
      case EXPIRED -> RemovalCause.EXPIRED;
      case EVICTED -> RemovalCause.EVICTED;
    };
  }
}
