package io.larder;

import java.util.function.BooleanSupplier;

/** Another tier, seen through this one; a twin overrides what it breaks or holds up. */
class ForwardingTier implements Tier {
  final Tier inner;

  ForwardingTier(Tier inner) {
    this.inner = inner;
  }

  @Override
  public boolean get(byte[] key, int keyOffset, int keyLength, TierValue target) {
    return inner.get(key, keyOffset, keyLength, target);
  }

  @Override
  public boolean touch(byte[] key, int keyOffset, int keyLength) {
    return inner.touch(key, keyOffset, keyLength);
  }

  @Override
  public boolean contains(byte[] key, int keyOffset, int keyLength) {
    return inner.contains(key, keyOffset, keyLength);
  }

  @Override
  public boolean put(byte[] key, int keyOffset, int keyLength, TierValue value, BooleanSupplier guard) {
    return inner.put(key, keyOffset, keyLength, value, guard);
  }

  @Override
  public boolean discard(byte[] key, int keyOffset, int keyLength) {
    return inner.discard(key, keyOffset, keyLength);
  }

  @Override
  public void clear() {
    inner.clear();
  }

  @Override
  public Cursor cursor() {
    return inner.cursor();
  }

  @Override
  public int valueBytesMax() {
    return inner.valueBytesMax();
  }

  @Override
  public long estimatedSize() {
    return inner.estimatedSize();
  }

  @Override
  public long usedBytes() {
    return inner.usedBytes();
  }

  @Override
  public long evictions() {
    return inner.evictions();
  }

  @Override
  public boolean isLost() {
    return inner.isLost();
  }

  @Override
  public int maintain() {
    return inner.maintain();
  }

  @Override
  public void close() {
    inner.close();
  }
}
