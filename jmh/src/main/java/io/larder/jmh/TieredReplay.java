package io.larder.jmh;

import io.larder.ByteCache;
import io.larder.Cache;
import io.larder.Codec;
import io.larder.Larder;
import io.larder.TierStats;
import io.larder.jmh.trace.Trace;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Larder with a second tier, each of a number of entries. What is evicted is demoted at once, in the same thread, so
 * that a run does not depend on how fast another thread is.
 */
final class TieredReplay implements Replay {
  // Room enough that only the bounds in entries count.
  private static final long ROOM_MIN = 8L << 20;
  private static final long ROOM_BYTES = 192;

  /** So many misses together have evicted what is demoted together. */
  private static final int MISSES_PER_ROUND = 4;

  private static final VarHandle KEY = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Trace trace;
  private final Cache<byte[], byte[]> cache;
  private final ByteCache bytes;
  private final byte[] key = new byte[Long.BYTES];
  private final byte[] value = new byte[1];
  private final byte[] target = new byte[1];
  private long misses;

  /**
   * Opens one.
   *
   * @param file where the second tier is, which must not be there
   */
  TieredReplay(Trace trace, int entries, int entriesBelow, Path file) {
    this.trace = trace;
    this.cache =
        Larder.builder(Codec.bytes(), Codec.bytes())
            .memory(room(entries))
            .maximumEntries(entries)
            .hugePages(false)
            .file(file, room(entriesBelow), entriesBelow)
            .build();
    this.bytes = cache.bytes();
  }

  private static long room(int entries) {
    return Math.max(ROOM_MIN, (long) entries * ROOM_BYTES);
  }

  @Override
  public boolean request(int position) {
    KEY.set(key, 0, trace.key(trace.number(position)));
    if (bytes.get(key, target) != ByteCache.ABSENT) {
      return true;
    }
    bytes.put(key, value);
    if (++misses % MISSES_PER_ROUND == 0) {
      cache.cleanUp();
    }
    return false;
  }

  /** What the tier has counted. */
  TierStats stats() {
    return Objects.requireNonNull(cache.stats().tier());
  }

  @Override
  public void close() {
    cache.close();
  }
}
