package io.larder;

import java.time.Duration;

/**
 * What a write says about its entry besides the value: how long it lives, used or unused, and what recomputing it
 * costs.
 *
 * <p>Immutable: keep one and use it for many writes. The static methods begin one, the others add to it.
 *
 * <pre>{@code cache.put("user:2", bytes, Entry.ttl(Duration.ofSeconds(5)).cost(500)); }</pre>
 */
public final class Entry {
  /** The largest cost. */
  public static final int COST_MAX = 1_048_575;

  /** The cache's own {@code expireAfterWrite} or {@code expireAfterAccess}, if it has one, applies. */
  static final long TTL_OF_CACHE = 0;

  /** Never expires. */
  static final long TTL_NEVER = Long.MAX_VALUE;

  private static final Entry PLAIN = new Entry(TTL_OF_CACHE, TTL_OF_CACHE, 0);

  private final long ttlMillis;
  private final long idleMillis;
  private final int cost;

  private Entry(long ttlMillis, long idleMillis, int cost) {
    this.ttlMillis = ttlMillis;
    this.idleMillis = idleMillis;
    this.cost = cost;
  }

  /** The cache's own time to live and time to idle, and no cost: what a write without options has. */
  public static Entry plain() {
    return PLAIN;
  }

  /**
   * Expires when {@code ttl} has passed since the write, whatever the cache's own {@code expireAfterWrite}
   * says.
   *
   * @param ttl positive; rounded up to whole milliseconds; what reaches beyond the end of time is for ever
   * @throws IllegalArgumentException when it is zero or negative
   */
  public static Entry ttl(Duration ttl) {
    return PLAIN.withTtl(millis("ttl", ttl));
  }

  /** Has no time to live, whatever the cache's own {@code expireAfterWrite} says. */
  public static Entry withoutTtl() {
    return PLAIN.withTtl(TTL_NEVER);
  }

  /**
   * The entry with a time to idle: it expires when nobody has accessed it for so long, whatever the cache's own {@code
   * expireAfterAccess} says, or when its time to live has passed, whichever is first. {@code
   * Entry.plain().timeToIdle(...)} is an entry that has this and nothing else. What an access is, and how exact the
   * time is, {@link CacheBuilder#expireAfterAccess} says.
   *
   * @param idle positive; rounded up to whole milliseconds; more than 139 years is for ever
   * @throws IllegalArgumentException when it is zero or negative
   */
  public Entry timeToIdle(Duration idle) {
    return new Entry(ttlMillis, millis("timeToIdle", idle), cost);
  }

  /** The entry without a time to idle, whatever the cache's own {@code expireAfterAccess} says. */
  public Entry withoutTimeToIdle() {
    return new Entry(ttlMillis, TTL_NEVER, cost);
  }

  /**
   * The entry with a cost: what it takes to compute the value again, in a unit of the user's choice
   * (milliseconds, say). It is kept with the entry and comes back with it. Where costs differ, what saves the most of
   * it for its bytes is evicted last; an entry whose cost is not known counts as one of cost 1.
   *
   * @param cost 0 (not known) to {@link #COST_MAX}
   * @throws IllegalArgumentException when it is outside
   */
  public Entry cost(int cost) {
    if (cost < 0 || cost > COST_MAX) {
      throw new IllegalArgumentException("cost=" + cost + " is outside 0 to " + COST_MAX);
    }
    return new Entry(ttlMillis, idleMillis, cost);
  }

  private Entry withTtl(long millis) {
    return new Entry(millis, idleMillis, cost);
  }

  long ttlMillis() {
    return ttlMillis;
  }

  long idleMillis() {
    return idleMillis;
  }

  int cost() {
    return cost;
  }

  /** A positive duration in milliseconds, rounded up; {@link #TTL_NEVER} when it does not fit. */
  static long millis(String name, Duration duration) {
    Arguments.notNull(duration, name);
    if (!duration.isPositive()) {
      throw new IllegalArgumentException(name + "=" + duration + " is not positive");
    }
    try {
      return duration.plusNanos(999_999).toMillis();
    } catch (ArithmeticException beyondTheEndOfTime) {
      return TTL_NEVER;
    }
  }

  @Override
  public String toString() {
    return "Entry[ttl=" + text(ttlMillis) + ", timeToIdle=" + text(idleMillis) + ", cost=" + cost + "]";
  }

  private static String text(long millis) {
    return millis == TTL_OF_CACHE ? "of the cache" : millis == TTL_NEVER ? "none" : millis + " ms";
  }
}
