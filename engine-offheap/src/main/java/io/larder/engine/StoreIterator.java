package io.larder.engine;

import io.larder.allocator.DamagedRegionException;
import io.larder.allocator.MemoryFault;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/**
 * A walk over the entries in the order of their fingerprints. It holds no lock: it collects the keys of one
 * home bucket at a time, and reads each value when it gets there. The order does not depend on the table's
 * size, so a resizing during the walk neither repeats nor skips an entry.
 *
 * <p>For one thread. It stands on an entry after {@link #next()} has said true.
 */
public final class StoreIterator {
  private static final int ATTEMPTS = 32;
  private static final int PATIENT_ATTEMPTS = 64;
  private static final long PATIENT_PARK_NANOS = 50_000;
  private static final long POSITION_END = 1L << Integer.SIZE;

  private final StoreReader reader;
  private final Partition[] partitions;
  private final StoreFailures failures;
  private final KeyList keys = new KeyList();
  private final EntryInfo info = new EntryInfo();

  private int partition;
  private long position;
  private int key = -1;
  private int lastDamaged = -1;
  private byte[] value = new byte[256];

  StoreIterator(StoreReader reader, Partition[] partitions, StoreFailures failures) {
    this.failures = failures;
    this.reader = reader;
    this.partitions = partitions;
    keys.clear();
  }

  /** Goes to the next entry; false at the end, or when the store is lost. */
  public boolean next() {
    while (true) {
      try {
        boolean there = advance();
        MemoryFault.await();
        return there;
      } catch (RuntimeException | InternalError failure) {
        if (!failures.sort(failure, partitions[Math.min(partition, partitions.length - 1)])) {
          return end();
        }
        leaveOut();
      }
    }
  }

  private boolean end() {
    partition = partitions.length;
    keys.clear();
    key = -1;
    return false;
  }

  /** The rest of a partition that was damaged, though mended now, is walked over no more than once again. */
  private void leaveOut() {
    keys.clear();
    key = -1;
    if (partition == lastDamaged) {
      partition++;
      position = 0;
    }
    lastDamaged = partition;
  }

  private boolean advance() {
    while (true) {
      while (++key < keys.count()) {
        if (readValue()) {
          return true;
        }
      }
      if (partition == partitions.length) {
        return false;
      }
      collect();
      key = -1;
    }
  }

  private boolean readValue() {
    while (true) {
      int length =
          reader.read(
              keys.hash(key), keys.bytes(), keys.offset(key), keys.length(key), value, null, 0, value.length, info);
      if (length <= value.length) {
        return length >= 0;
      }
      value = new byte[length];
    }
  }

  private void collect() {
    long next = reader.collect(partition, position, keys);
    for (int attempt = 1; next == StoreReader.CONTENDED && attempt < ATTEMPTS; attempt++) {
      Thread.onSpinWait();
      next = reader.collect(partition, position, keys);
    }
    if (next == StoreReader.CONTENDED && reader.readOnly()) {
      for (int attempt = 0; attempt < PATIENT_ATTEMPTS && next == StoreReader.CONTENDED; attempt++) {
        LockSupport.parkNanos(PATIENT_PARK_NANOS);
        next = reader.collect(partition, position, keys);
      }
      if (next == StoreReader.CONTENDED) {
        keys.clear();
        next = reader.skip(partition, position);
      }
    }
    if (next == StoreReader.CONTENDED) {
      partitions[partition].lock();
      try {
        next = reader.collect(partition, position, keys);
      } finally {
        partitions[partition].unlock();
      }
      if (next == StoreReader.CONTENDED) {
        throw new DamagedRegionException("partition " + partition + " cannot be walked over, and nobody is in the way");
      }
    }
    if (next >= POSITION_END) {
      partition++;
      position = 0;
    } else {
      position = next;
    }
  }

  /** The bytes of the key. */
  public int keyLength() {
    return keys.length(current());
  }

  /** Copies the key into an array from {@code at} on. */
  public void copyKey(byte[] target, int at) {
    System.arraycopy(keys.bytes(), keys.offset(current()), target, at, keyLength());
  }

  /** The bytes of the value. */
  public int valueLength() {
    current();
    return info.valueLength();
  }

  /** Copies the value into an array from {@code at} on. */
  public void copyValue(byte[] target, int at) {
    System.arraycopy(value, 0, target, at, valueLength());
  }

  /** The version, the expiry and the cost; overwritten by {@link #next()}. */
  public EntryInfo info() {
    current();
    return info;
  }

  private int current() {
    if (key < 0 || key >= keys.count()) {
      throw new IllegalStateException("the iterator stands on no entry");
    }
    return Objects.checkIndex(key, keys.count());
  }
}
