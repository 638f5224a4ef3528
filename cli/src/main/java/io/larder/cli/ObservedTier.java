package io.larder.cli;

import io.larder.Tier;
import io.larder.TierFactory;
import io.larder.TierValue;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** A second tier that is asked which gets it has answered: each thread asks about its own. */
final class ObservedTier implements Tier {
  private static final ThreadLocal<Mark> MARK = ThreadLocal.withInitial(Mark::new);

  private final Tier tier;

  private ObservedTier(Tier tier) {
    this.tier = tier;
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
    boolean found = tier.get(key, keyOffset, keyLength, target);
    if (found) {
      MARK.get().found = true;
    }
    return found;
  }

  @Override
  public boolean touch(byte[] key, int keyOffset, int keyLength) {
    return tier.touch(key, keyOffset, keyLength);
  }

  @Override
  public boolean contains(byte[] key, int keyOffset, int keyLength) {
    return tier.contains(key, keyOffset, keyLength);
  }

  @Override
  public boolean put(byte[] key, int keyOffset, int keyLength, TierValue value, BooleanSupplier guard) {
    return tier.put(key, keyOffset, keyLength, value, guard);
  }

  @Override
  public boolean discard(byte[] key, int keyOffset, int keyLength) {
    return tier.discard(key, keyOffset, keyLength);
  }

  @Override
  public void clear() {
    tier.clear();
  }

  @Override
  public Cursor cursor() {
    return tier.cursor();
  }

  @Override
  public int valueBytesMax() {
    return tier.valueBytesMax();
  }

  @Override
  public long estimatedSize() {
    return tier.estimatedSize();
  }

  @Override
  public long usedBytes() {
    return tier.usedBytes();
  }

  @Override
  public long evictions() {
    return tier.evictions();
  }

  @Override
  public boolean isLost() {
    return tier.isLost();
  }

  @Override
  public int maintain() {
    return tier.maintain();
  }

  @Override
  public void close() {
    tier.close();
  }
}
