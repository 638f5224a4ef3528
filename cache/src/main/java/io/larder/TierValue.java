package io.larder;

import io.larder.engine.EntryInfo;
import io.larder.engine.PutSpec;

/**
 * A value on its way into a {@link Tier} or out of it, with what belongs to it. Reusable, for one thread; its array is
 * reused, too.
 */
public final class TierValue {
  private static final int INITIAL_BYTES = 1024;

  /** The largest of the {@link #flags()}. */
  public static final int FLAGS_MAX = 3;

  final EntryInfo info = new EntryInfo();
  final PutSpec spec = new PutSpec();

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;
  private long expiryMillis;
  private int cost;
  private int flags;
  private boolean wasHit;

  /** An empty one. */
  public TierValue() {}

  /** The array whose first {@link #length()} bytes are the value. */
  public byte[] bytes() {
    return bytes;
  }

  /** The value's length in bytes. */
  public int length() {
    return length;
  }

  /** When the entry expires, in milliseconds of the cache's clock; 0 for never. */
  public long expiryMillis() {
    return expiryMillis;
  }

  /** What recomputing the value costs, {@link Entry#cost(int)}. */
  public int cost() {
    return cost;
  }

  /** What the cache notes about the bytes, 0 to {@link #FLAGS_MAX}: a tier keeps it and gives it back. */
  public int flags() {
    return flags;
  }

  /** Of a value that was got: whether it had been got before, of late. */
  public boolean wasHit() {
    return wasHit;
  }

  /** An array of at least so many bytes, to write the value to; it is {@link #bytes()} from now on. */
  public byte[] reserve(int count) {
    if (count > bytes.length) {
      bytes = new byte[count];
    }
    return bytes;
  }

  /** Says what has been written to {@link #bytes()}, and what belongs to it. */
  public TierValue set(int newLength, long newExpiryMillis, int newCost, int newFlags, boolean hitBefore) {
    length = newLength;
    expiryMillis = newExpiryMillis;
    cost = newCost;
    flags = newFlags;
    wasHit = hitBefore;
    return this;
  }

  /** Gives back what has grown large. */
  void trim(int retainedBytesMax) {
    if (bytes.length > retainedBytesMax) {
      bytes = new byte[INITIAL_BYTES];
    }
  }
}
