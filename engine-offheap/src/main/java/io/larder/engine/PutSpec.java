package io.larder.engine;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How to put: the condition and the terms of the new entry. A reusable parameter object for one thread, or for any
 * number of them once it is not changed any more, since a put changes none but that of a lease; the setters return it.
 *
 * <p>A fresh or {@link #reset()} one puts always, for ever, at no cost.
 */
public final class PutSpec {
  /** When a put takes effect. */
  public enum Condition {
    ALWAYS,
    IF_ABSENT,
    IF_PRESENT,
    IF_VERSION,
    IF_GUARD
  }

  Condition condition = Condition.ALWAYS;
  long expectedVersion;
  long expiryMillis;
  int idleSpan;
  int idleDeadline;
  int cost;
  int userFlags;
  boolean lease;
  @Nullable BooleanSupplier guard;

  // Who has the lease that is in the way of this one, and its version.
  long holder;
  long holderVersion;

  /** Sets everything to its default. */
  public PutSpec reset() {
    condition = Condition.ALWAYS;
    expectedVersion = 0;
    expiryMillis = 0;
    idleSpan = 0;
    cost = 0;
    userFlags = 0;
    lease = false;
    guard = null;
    return this;
  }

  /** Puts whatever is there. */
  public PutSpec always() {
    return when(Condition.ALWAYS);
  }

  /** Puts only where there is no entry. */
  public PutSpec ifAbsent() {
    return when(Condition.IF_ABSENT);
  }

  /** Puts only in the place of an entry. */
  public PutSpec ifPresent() {
    return when(Condition.IF_PRESENT);
  }

  /** Puts only in the place of the entry, or the lease, with this version. */
  public PutSpec ifVersion(long version) {
    expectedVersion = version;
    return when(Condition.IF_VERSION);
  }

  /**
   * Puts whatever is there, provided that a condition holds which lies outside of the store. The guard is asked under
   * the partition's lock, once or more before the entry is published under that same lock: it must only look, and never
   * call the store.
   */
  public PutSpec ifHolds(BooleanSupplier newGuard) {
    when(Condition.IF_GUARD);
    guard = newGuard;
    return this;
  }

  /** Puts only where there is no entry, and provided that the guard holds, {@link #ifHolds}. */
  public PutSpec ifAbsentAndHolds(BooleanSupplier newGuard) {
    ifAbsent();
    guard = newGuard;
    return this;
  }

  private PutSpec when(Condition wanted) {
    condition = wanted;
    guard = null;
    return this;
  }

  /**
   * Lets the entry expire at a time in milliseconds since 1970; 0 for never.
   *
   * @throws IllegalArgumentException when it is negative
   */
  public PutSpec expiryMillis(long millis) {
    if (millis < 0) {
      throw new IllegalArgumentException("expiryMillis=" + millis + " is negative");
    }
    expiryMillis = millis > EntryLayout.EXPIRY_MILLIS_MAX ? 0 : millis;
    return this;
  }

  /**
   * Lets the entry expire when nobody has got it for a time, from now on; 0 for never, as any time above 139 years.
   *
   * @param millis the time to idle
   * @param nowMillis the time now, {@link StoreClock#now}
   * @throws IllegalArgumentException when it is negative
   */
  public PutSpec timeToIdle(long millis, long nowMillis) {
    if (millis < 0) {
      throw new IllegalArgumentException("timeToIdle=" + millis + " is negative");
    }
    if (millis == 0 || millis > IdleTime.MILLIS_MAX) {
      idleSpan = 0;
    } else {
      idleSpan = IdleTime.span(millis);
      idleDeadline = IdleTime.deadline(idleSpan, nowMillis);
    }
    return this;
  }

  /**
   * Says what it costs to compute the value again, in units of the user's choice.
   *
   * @throws IllegalArgumentException when it is outside 0 to {@link EntryLayout#COST_MAX}
   */
  public PutSpec cost(int units) {
    if (units < 0 || units > EntryLayout.COST_MAX) {
      throw new IllegalArgumentException("cost=" + units + " is outside 0 to " + EntryLayout.COST_MAX);
    }
    cost = units;
    return this;
  }

  /**
   * Sets the flags that come back with the value.
   *
   * @throws IllegalArgumentException when they are outside 0 to {@link EntryLayout#USER_FLAGS_MAX}
   */
  public PutSpec userFlags(int flags) {
    if (flags < 0 || flags > EntryLayout.USER_FLAGS_MAX) {
      throw new IllegalArgumentException("userFlags=" + flags + " is outside 0 to " + EntryLayout.USER_FLAGS_MAX);
    }
    userFlags = flags;
    return this;
  }

  PutSpec lease() {
    lease = true;
    return this;
  }

  long terms() {
    return EntryLayout.terms(expiryMillis, cost);
  }

  /** The flags of the entry, those of the user above the store's. */
  int flags() {
    return (userFlags << EntryLayout.USER_FLAGS_SHIFT)
        | (lease ? EntryLayout.LEASE : 0)
        | (terms() == 0 ? 0 : EntryLayout.TERMS)
        | (idleSpan == 0 ? 0 : EntryLayout.IDLE);
  }
}
