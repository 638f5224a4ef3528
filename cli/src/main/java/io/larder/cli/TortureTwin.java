package io.larder.cli;

import io.larder.TierFactory;
import io.larder.cli.TortureWorker.Found;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A broken reader, for tests alone: it keeps what it has read of each key in its process, and gives that for a while
 * whatever the others write. Or a broken second tier. They show that a run can fail. One thread.
 */
final class TortureTwin {
  /** The system property of a worker that breaks it; for tests alone, no option sets it. */
  static final String PROPERTY = "larder.torture.brokenTwin";

  private static final int READS_KEPT = 4;

  private final Map<Integer, Kept> kept = new HashMap<>();

  private static final class Kept {
    private final byte[] value;
    private final long version;
    private int readsLeft = READS_KEPT;

    Kept(Found found) {
      value = Arrays.copyOf(found.value, found.length);
      version = found.version;
    }
  }

  static boolean isWanted() {
    return Boolean.getBoolean(PROPERTY);
  }

  /** A tier in which there stays what has been overwritten or removed. */
  static TierFactory discardingNothing(TierFactory tiers) {
    return clock ->
        new ForwardingTier(tiers.open(clock)) {
          @Override
          public boolean discard(byte[] key, int keyOffset, int keyLength) {
            return false;
          }
        };
  }

  @Nullable Boolean read(int key, Found found, Supplier<@Nullable Boolean> cache) {
    Kept old = kept.get(key);
    if (old != null && old.readsLeft-- > 0) {
      System.arraycopy(old.value, 0, found.value, 0, old.value.length);
      found.length = old.value.length;
      found.version = old.version;
      return Boolean.TRUE;
    }
    kept.remove(key);
    Boolean there = cache.get();
    if (there != null && found.length <= found.value.length) {
      kept.put(key, new Kept(found));
    }
    return there;
  }
}
