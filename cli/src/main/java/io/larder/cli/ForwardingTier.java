package io.larder.cli;

import io.larder.Tier;
import io.larder.TierValue;
import java.util.function.BooleanSupplier;

/** Another second tier, seen through this one. */
class ForwardingTier implements Tier {
  private final Tier tier;

  ForwardingTier(Tier tier) {
    this.tier = tier;
  }

  @Override
  public boolean get(byte[] key, int keyOffset, int keyLength, TierValue target) {
    return tier.get(key, keyOffset, keyLength, target);
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
