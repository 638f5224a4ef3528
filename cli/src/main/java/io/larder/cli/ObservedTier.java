package io.larder.cli;

import io.larder.Tier;
import io.larder.TierFactory;
import io.larder.TierValue;
import java.io.IOException;
import java.util.function.LongSupplier;

/** A second tier that is asked which gets it has answered: each thread asks about its own. */
final class ObservedTier extends ForwardingTier {
  private static final ThreadLocal<Mark> MARK = ThreadLocal.withInitial(Mark::new);

  private ObservedTier(Tier tier) {
    super(tier);
  }

  private static final class Mark {
    private boolean found;
  }

  /** Opens what the other opens, observed. */
  record Factory(TierFactory tiers) implements TierFactory {
    @Override
    public Tier open(LongSupplier clock) throws IOException {
      return new ObservedTier(tiers.open(clock));
    }

    @Override
    public String toString() {
      return tiers.toString();
    }
  }

  /** Whether this thread has found a value in such a tier since it asked last. */
  static boolean foundSince() {
    Mark mark = MARK.get();
    boolean found = mark.found;
    mark.found = false;
    return found;
  }

  @Override
  public boolean get(byte[] key, int keyOffset, int keyLength, TierValue target) {
    boolean found = super.get(key, keyOffset, keyLength, target);
    if (found) {
      MARK.get().found = true;
    }
    return found;
  }
}
