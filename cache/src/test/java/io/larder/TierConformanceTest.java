package io.larder;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** The suite itself: it passes the plainest tier that is right, and each broken one fails. */
class TierConformanceTest extends TierConformance {
  @Override
  protected Tier open(Path place, LongSupplier clock) {
    return new HeapTier(clock);
  }

  @Override
  protected boolean isDurable() {
    return false;
  }

  /** A test of the suite. */
  private interface Case {
    void run(TierConformance suite) throws Exception;
  }

  private static void assertCaught(TierMaker maker, Case test) {
    TierConformance suite =
        new TierConformance() {
          @Override
          protected Tier open(Path place, LongSupplier clock) {
            return maker.make(clock);
          }
        };
    assertThatThrownBy(() -> test.run(suite)).isNotInstanceOf(TestAbortedException.class);
  }

  /** How a twin is made. */
  private interface TierMaker {
    Tier make(LongSupplier clock);
  }

  @Test
  void aDiscardThatDoesNotWaitIsCaught() {
    TierMaker twin =
        clock ->
            new HeapTier(clock) {
              @Override
              public boolean discard(byte[] key, int keyOffset, int keyLength) {
                Stored stored = entries.get(range(key, keyOffset, keyLength));
                return stored != null && super.discard(key, keyOffset, keyLength);
              }
            };
    assertCaught(twin, TierConformance::aDiscardWaitsForThePutWhoseGuardHasBeenAsked);
    assertCaught(twin, TierConformance::noPutAppearsAfterADiscardThatCameBehindItsGuard);
  }

  @Test
  void aGuardThatIsAskedTooEarlyIsCaught() {
    TierMaker twin =
        clock ->
            new HeapTier(clock) {
              @Override
              public boolean put(byte[] key, int offset, int length, TierValue value, BooleanSupplier guard) {
                return guard.getAsBoolean() && super.put(key, offset, length, value, () -> true);
              }
            };
    assertCaught(twin, TierConformance::aDiscardWaitsForThePutWhoseGuardHasBeenAsked);
    assertCaught(twin, TierConformance::noPutAppearsAfterADiscardThatCameBehindItsGuard);
  }

  @Test
  void aGuardThatIsNotAskedIsCaught() {
    TierMaker twin =
        clock ->
            new HeapTier(clock) {
              @Override
              public boolean put(byte[] key, int offset, int length, TierValue value, BooleanSupplier guard) {
                return super.put(key, offset, length, value, () -> true);
              }
            };
    assertCaught(twin, TierConformance::aPutWhoseGuardDoesNotHoldChangesNothing);
    assertCaught(twin, TierConformance::noPutAppearsAfterADiscardThatCameBehindItsGuard);
  }

  @Test
  void aTierThatForgetsWhatBelongsToAValueIsCaught() {
    TierMaker twin =
        clock ->
            new HeapTier(clock) {
              @Override
              public boolean put(byte[] key, int offset, int length, TierValue value, BooleanSupplier guard) {
                value.set(value.length(), value.expiryMillis(), value.cost(), 0, false);
                return super.put(key, offset, length, value, guard);
              }
            };
    assertCaught(twin, TierConformance::findsWhatWasPutWithAllThatBelongsToIt);
  }

  @Test
  void aTierWithoutExpiryIsCaught() {
    assertCaught(clock -> new HeapTier(() -> 0), TierConformance::whatHasExpiredIsNotThereAndGoesInTime);
  }

  @Test
  void aTierThatIsEmptyAfterItsClosingIsCaught() {
    assertCaught(HeapTier::new, TierConformance::findsAfterItsClosingWhatItHad);
  }

  @Test
  void aTierThatKeepsTheCallersArrayIsCaught() {
    TierMaker twin =
        clock ->
            new HeapTier(clock) {
              @Override
              ByteBuffer range(byte[] key, int offset, int length) {
                return ByteBuffer.wrap(key, offset, length);
              }
            };
    assertCaught(twin, TierConformance::aKeyIsARangeAndIsCopied);
  }

  /** A tier on the heap; a key's turn is that of its bin in the map. */
  static class HeapTier implements Tier {
    private static final int ENTRIES_MAX = 2 * ENTRIES;

    final ConcurrentHashMap<ByteBuffer, Stored> entries = new ConcurrentHashMap<>();
    private final LongSupplier clock;

    HeapTier(LongSupplier clock) {
      this.clock = clock;
    }

    /** An entry; immutable but for the mark. */
    static final class Stored {
      private final byte[] bytes;
      private final long expiryMillis;
      private final int cost;
      private final int flags;
      private volatile boolean hit;

      Stored(TierValue value) {
        bytes = Arrays.copyOf(value.bytes(), value.length());
        expiryMillis = value.expiryMillis();
        cost = value.cost();
        flags = value.flags();
      }

      void copyTo(TierValue target) {
        System.arraycopy(bytes, 0, target.reserve(bytes.length), 0, bytes.length);
        target.set(bytes.length, expiryMillis, cost, flags, hit);
      }
    }

    ByteBuffer range(byte[] key, int offset, int length) {
      return ByteBuffer.wrap(Arrays.copyOfRange(key, offset, offset + length));
    }

    private boolean hasExpired(Stored stored) {
      return stored.expiryMillis != 0 && stored.expiryMillis <= clock.getAsLong();
    }

    private @Nullable Stored find(byte[] key, int keyOffset, int keyLength) {
      Stored stored = entries.get(range(key, keyOffset, keyLength));
      return stored == null || hasExpired(stored) ? null : stored;
    }

    @Override
    public boolean get(byte[] key, int keyOffset, int keyLength, TierValue target) {
      Stored stored = find(key, keyOffset, keyLength);
      if (stored == null) {
        return false;
      }
      stored.copyTo(target);
      stored.hit = true;
      return true;
    }

    @Override
    public boolean touch(byte[] key, int keyOffset, int keyLength) {
      Stored stored = find(key, keyOffset, keyLength);
      if (stored != null) {
        stored.hit = true;
      }
      return stored != null;
    }

    @Override
    public boolean contains(byte[] key, int keyOffset, int keyLength) {
      return find(key, keyOffset, keyLength) != null;
    }

    @Override
    public boolean put(byte[] key, int keyOffset, int keyLength, TierValue value, BooleanSupplier guard) {
      if (value.length() > valueBytesMax() || entries.size() >= ENTRIES_MAX) {
        return false;
      }
      Stored stored = new Stored(value);
      Stored after =
          entries.compute(
              range(key, keyOffset, keyLength), (same, before) -> guard.getAsBoolean() ? stored : before);
      return after == stored;
    }

    @Override
    public boolean discard(byte[] key, int keyOffset, int keyLength) {
      Stored[] before = new Stored[1];
      // Not remove, which does not wait for a first put of the key that is under way.
      entries.compute(
          range(key, keyOffset, keyLength),
          (same, stored) -> {
            if (stored != null) {
              before[0] = stored;
            }
            return null;
          });
      return before[0] != null;
    }

    @Override
    public void clear() {
      entries.clear();
    }

    @Override
    public Cursor cursor() {
      Iterator<ByteBuffer> keys = List.copyOf(entries.keySet()).iterator();
      return new Cursor() {
        private byte[] key = new byte[0];
        private final TierValue value = new TierValue();

        @Override
        public boolean next() {
          while (keys.hasNext()) {
            key = keys.next().array();
            Stored stored = find(key, 0, key.length);
            if (stored != null) {
              stored.copyTo(value);
              return true;
            }
          }
          return false;
        }

        @Override
        public byte[] key() {
          return key;
        }

        @Override
        public void value(TierValue target) {
          System.arraycopy(value.bytes(), 0, target.reserve(value.length()), 0, value.length());
          target.set(value.length(), value.expiryMillis(), value.cost(), value.flags(), value.wasHit());
        }
      };
    }

    @Override
    public int valueBytesMax() {
      return 1 << 20;
    }

    @Override
    public long estimatedSize() {
      return entries.size();
    }

    @Override
    public long usedBytes() {
      return entries.size() * (long) ENTRY_BYTES_AVERAGE;
    }

    @Override
    public long evictions() {
      return 0;
    }

    @Override
    public boolean isLost() {
      return false;
    }

    @Override
    public int maintain() {
      return entries.values().removeIf(this::hasExpired) ? 1 : 0;
    }

    @Override
    public void close() {
      entries.clear();
    }
  }
}
