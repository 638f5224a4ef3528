package io.larder.jmh;

import io.larder.ByteCache;
import io.larder.CacheBuilder;
import io.larder.Codec;
import io.larder.Entry;
import io.larder.Larder;
import io.larder.allocator.RegionGeometry;
import io.larder.jmh.trace.Trace;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Larder as it is embedded: the bytes API of the real cache, and no model of it. The key is eight bytes, the value as
 * many as the trace says, or one where entries are counted.
 */
final class LarderReplay implements Replay {
  /** There is no smaller cache. */
  static final long BYTES_MIN = RegionGeometry.REGION_BYTES_MIN;

  // Room enough that only the bound in entries counts.
  private static final long ROOM_MIN = 8L << 20;
  private static final long ROOM_BYTES = 192;

  private static final VarHandle KEY = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Trace trace;
  private final ByteCache cache;
  private final boolean sized;
  private final @Nullable Costs costs;
  private final byte[] key = new byte[Long.BYTES];
  private final byte[] value;
  private final byte[] target;

  private LarderReplay(Trace trace, ByteCache cache, boolean sized, @Nullable Costs costs) {
    this.trace = trace;
    this.cache = cache;
    this.sized = sized;
    this.costs = costs;
    this.value = new byte[(int) Math.min(sized ? trace.largestBytes() : 1, cache.valueBytesMax())];
    this.target = new byte[value.length];
  }

  /** A cache for so many entries. */
  static LarderReplay ofEntries(Trace trace, int entries) {
    return new LarderReplay(trace, openForEntries(entries), false, null);
  }

  /** The same, which is told what each value costs. */
  static LarderReplay ofEntriesWithCosts(Trace trace, int entries, Costs costs) {
    return new LarderReplay(trace, openForEntries(entries), false, costs);
  }

  /** A cache of so many bytes, at least {@link #BYTES_MIN}, that stores values of the trace's sizes. */
  static LarderReplay ofBytes(Trace trace, long bytes) {
    return new LarderReplay(trace, open(bytes), true, null);
  }

  /** Just so many entries, and memory enough for them. */
  private static ByteCache openForEntries(int entries) {
    return builder(Math.max(ROOM_MIN, (long) entries * ROOM_BYTES)).maximumEntries(entries).buildBytes();
  }

  private static ByteCache open(long bytes) {
    return builder(bytes).buildBytes();
  }

  private static CacheBuilder<byte[], byte[]> builder(long bytes) {
    return Larder.builder(Codec.bytes(), Codec.bytes()).memory(bytes).hugePages(false);
  }

  @Override
  public boolean request(int position) {
    int number = trace.number(position);
    KEY.set(key, 0, trace.key(number));
    if (cache.get(key, target) != ByteCache.ABSENT) {
      return true;
    }
    int length = sized ? (int) Math.min(trace.sizeBytes(position), value.length) : value.length;
    Entry entry = costs == null ? Entry.plain() : Entry.plain().cost(costs.of(number));
    cache.put(key, 0, key.length, value, 0, length, entry);
    return false;
  }

  @Override
  public long entries() {
    return cache.estimatedSize();
  }

  @Override
  public void close() {
    cache.close();
  }
}
