package io.larder;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A tier that is broken, so that a test can prove that it sees. */
enum BrokenTier {
  /** Whatever was evicted is written. */
  NO_GUARD {
    @Override
    Tier over(Tier inner) {
      return new ForwardingTier(inner) {
        @Override
        public boolean put(byte[] key, int keyOffset, int keyLength, TierValue value, BooleanSupplier guard) {
          LockSupport.parkNanos(DELAY_NANOS);
          return super.put(key, keyOffset, keyLength, value, () -> true);
        }
      };
    }
  },
  /** What is overwritten or removed stays below. */
  NO_DISCARD {
    @Override
    Tier over(Tier inner) {
      return new ForwardingTier(inner) {
        @Override
        public boolean discard(byte[] key, int keyOffset, int keyLength) {
          return false;
        }
      };
    }
  },
  /** What is not found is not discarded, although it may be about to be put. */
  NO_TURNS {
    @Override
    Tier over(Tier inner) {
      return new ForwardingTier(inner) {
        @Override
        public boolean put(byte[] key, int keyOffset, int keyLength, TierValue value, BooleanSupplier guard) {
          return super.put(key, keyOffset, keyLength, value, () -> holdsForMoment(guard));
        }

        @Override
        public boolean discard(byte[] key, int keyOffset, int keyLength) {
          return contains(key, keyOffset, keyLength) && super.discard(key, keyOffset, keyLength);
        }
      };
    }
  },
  /** It is cleared when it likes. */
  NO_CLEAR {
    @Override
    Tier over(Tier inner) {
      return new ForwardingTier(inner) {
        @Override
        public void clear() {}
      };
    }
  };

  /** A moment for things to go wrong in. */
  private static final long DELAY_NANOS = 20_000;

  abstract Tier over(Tier inner);

  private static boolean holdsForMoment(BooleanSupplier guard) {
    boolean holds = guard.getAsBoolean();
    LockSupport.parkNanos(DELAY_NANOS);
    return holds;
  }
}
