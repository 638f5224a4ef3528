package io.larder.chronicle;

import io.larder.Tier;
import io.larder.TierValue;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ExternalMapQueryContext;
import net.openhft.chronicle.map.MapEntry;
import net.openhft.chronicle.map.MapSegmentContext;
import net.openhft.chronicle.map.VanillaChronicleMap;
import org.jspecify.annotations.Nullable;

/**
 * A tier in a Chronicle Map.
 *
 * <p>The turn of a key is the lock of its segment: a put asks its guard while it holds that lock for update, and a
 * discard takes it whatever is there. Reads look at the clock, and at a checksum of the value if they get it.
 *
 * <p>Which entries have been got of late is noted beside the map, in a table of bits by the keys' hashes: a bit may be
 * that of several keys, so that one or the other is taken for a known one at its first get.
 */
final class ChronicleTier implements Tier {
  private static final Logger LOG = System.getLogger(ChronicleTier.class.getPackageName());

  private final ChronicleMap<byte[], TierValue> map;
  private final ChronicleFile file;
  private final RandomAccessFile lock;
  private final LongSupplier clock;
  private final int valueBytesMax;
  private final Marks marks;
  private final AtomicLong size;
  private volatile boolean lost;

  /** The segment that is looked through next for what has expired; the thread's that maintains the tier. */
  private int segment;

  ChronicleTier(ChronicleMap<byte[], TierValue> map, ChronicleFile file, RandomAccessFile lock, LongSupplier clock) {
    this.map = map;
    this.file = file;
    this.lock = lock;
    this.clock = clock;
    this.valueBytesMax = ChronicleFile.valueBytesMax(((VanillaChronicleMap<?, ?, ?>) map).chunkSize);
    this.marks = new Marks(file.entries());
    this.size = new AtomicLong(map.longSize());
  }

  private static byte[] range(byte[] key, int offset, int length) {
    return offset == 0 && length == key.length ? key : Arrays.copyOfRange(key, offset, offset + length);
  }

  private boolean hasExpired(MapEntry<byte[], TierValue> entry) {
    long expiryMillis = ValueMarshaller.expiryMillis(entry.value());
    return expiryMillis != 0 && expiryMillis <= clock.getAsLong();
  }

  /** A look at an entry, under its segment's lock for reading. */
  private boolean find(byte[] key, @Nullable TierValue target) {
    if (lost) {
      return false;
    }
    try (ExternalMapQueryContext<byte[], TierValue, ?> query = map.queryContext(key)) {
      query.readLock().lock();
      MapEntry<byte[], TierValue> entry = query.entry();
      if (entry == null || hasExpired(entry)) {
        return false;
      }
      if (target == null) {
        return true;
      }
      entry.value().getUsing(target);
      return target.length() != ValueMarshaller.DAMAGED;
    } catch (InternalError fault) {
      lose(fault);
      return false;
    }
  }

  @Override
  public boolean get(byte[] key, int keyOffset, int keyLength, TierValue target) {
    byte[] range = range(key, keyOffset, keyLength);
    boolean found = find(range, target);
    if (found && marks.mark(range)) {
      target.set(target.length(), target.expiryMillis(), target.cost(), target.flags(), true);
    }
    return found;
  }

  @Override
  public boolean touch(byte[] key, int keyOffset, int keyLength) {
    byte[] range = range(key, keyOffset, keyLength);
    boolean found = find(range, null);
    if (found) {
      marks.mark(range);
    }
    return found;
  }

  @Override
  public boolean contains(byte[] key, int keyOffset, int keyLength) {
    return find(range(key, keyOffset, keyLength), null);
  }

  @Override
  public boolean put(byte[] key, int keyOffset, int keyLength, TierValue value, BooleanSupplier guard) {
    if (lost || value.length() > valueBytesMax) {
      return false;
    }
    byte[] range = range(key, keyOffset, keyLength);
    try (ExternalMapQueryContext<byte[], TierValue, ?> query = map.queryContext(range)) {
      query.updateLock().lock();
      return guard.getAsBoolean() && put(query, range, value);
    } catch (InternalError fault) {
      lose(fault);
      return false;
    }
  }

  private boolean put(ExternalMapQueryContext<byte[], TierValue, ?> query, byte[] key, TierValue value) {
    MapEntry<byte[], TierValue> entry = query.entry();
    if (entry == null && size.get() >= file.entries()) {
      return false;
    }
    try {
      if (entry != null) {
        query.replaceValue(entry, query.wrapValueAsData(value));
      } else {
        query.insert(query.absentEntry(), query.wrapValueAsData(value));
        size.incrementAndGet();
      }
    } catch (IllegalStateException | IllegalArgumentException noRoom) {
      // The map says so in no other way: the segment is full, or the entry too large for it.
      return false;
    }
    marks.forget(key);
    return true;
  }

  @Override
  public boolean discard(byte[] key, int keyOffset, int keyLength) {
    if (lost) {
      return false;
    }
    try (ExternalMapQueryContext<byte[], TierValue, ?> query = map.queryContext(range(key, keyOffset, keyLength))) {
      query.updateLock().lock();
      MapEntry<byte[], TierValue> entry = query.entry();
      if (entry == null) {
        return false;
      }
      boolean there = !hasExpired(entry);
      query.remove(entry);
      size.decrementAndGet();
      return there;
    } catch (InternalError fault) {
      lose(fault);
      return false;
    }
  }

  @Override
  public void clear() {
    try {
      for (int number = 0; number < map.segments() && !lost; number++) {
        try (MapSegmentContext<byte[], TierValue, ?> context = map.segmentContext(number)) {
          context.forEachSegmentEntry(this::remove);
        }
      }
    } catch (InternalError fault) {
      lose(fault);
    }
  }

  private void remove(MapEntry<byte[], TierValue> entry) {
    entry.doRemove();
    size.decrementAndGet();
  }

  @Override
  public Cursor cursor() {
    return new Walk();
  }

  /** Goes from segment to segment, and has the keys of one on the heap. */
  private final class Walk implements Cursor {
    private final Deque<byte[]> keys = new ArrayDeque<>();
    private final TierValue value = new TierValue();
    private int nextSegment;
    private byte[] key = new byte[0];

    @Override
    public boolean next() {
      while (!lost) {
        byte[] next = keys.poll();
        if (next != null) {
          key = next;
          if (find(key, value)) {
            return true;
          }
        } else if (nextSegment < map.segments()) {
          collect(nextSegment++);
        } else {
          return false;
        }
      }
      return false;
    }

    private void collect(int number) {
      try (MapSegmentContext<byte[], TierValue, ?> context = map.segmentContext(number)) {
        context.forEachSegmentEntry(entry -> keys.add(entry.key().get().clone()));
      } catch (InternalError fault) {
        lose(fault);
      }
    }

    @Override
    public byte[] key() {
      return key;
    }

    @Override
    public void value(TierValue target) {
      System.arraycopy(value.bytes(), 0, target.reserve(value.length()), 0, value.length());
      target.set(value.length(), value.expiryMillis(), value.cost(), value.flags(), marks.isMarked(key));
    }
  }

  @Override
  public int valueBytesMax() {
    return valueBytesMax;
  }

  @Override
  public long estimatedSize() {
    return lost ? 0 : size.get();
  }

  @Override
  public long usedBytes() {
    return lost ? 0 : map.offHeapMemoryUsed();
  }

  /** None: it refuses. */
  @Override
  public long evictions() {
    return 0;
  }

  @Override
  public boolean isLost() {
    return lost;
  }

  /**
   * There is no page where one should be: the file was cut, or its disk fails. Nothing can be discarded any more, so
   * that the file is spoiled before anybody is told.
   */
  private synchronized void lose(InternalError fault) {
    if (lost) {
      return;
    }
    try {
      file.spoil(lock);
    } catch (IOException failure) {
      fault.addSuppressed(failure);
    }
    lost = true;
    LOG.log(
        Level.ERROR,
        file.path() + ": the second tier is lost, an access to its memory failed. Nothing is found in it or stored"
            + " until the cache is built again",
        fault);
  }

  /** Removes what has expired in one segment. */
  @Override
  public int maintain() {
    if (lost) {
      return 0;
    }
    long before = size.get();
    try (MapSegmentContext<byte[], TierValue, ?> context = map.segmentContext(segment)) {
      context.forEachSegmentEntry(
          entry -> {
            if (hasExpired(entry)) {
              remove(entry);
            }
          });
    } catch (InternalError fault) {
      lose(fault);
    }
    segment = (segment + 1) % map.segments();
    marks.age();
    return (int) Math.max(before - size.get(), 0);
  }

  @Override
  public void close() {
    map.close();
    try (lock) {
      if (!lost) {
        file.leave(lock);
      }
    } catch (IOException failure) {
      LOG.log(Level.WARNING, file.path() + ": left as if this process had been killed", failure);
    }
  }
}
