package io.larder.jmh.trace;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The requests that somebody sent to a cache, in order. A request has a position, from 0 on, and a key; keys are
 * numbered from 0 on in the order of their first requests, so that a simulation can have arrays instead of maps.
 */
public final class Trace {
  private final String name;
  private final boolean sized;
  private final long[] keys;
  private final int[] numbers;
  private final int[] sizes;
  private final long footprintBytes;
  /** What the bits of keys are combined with before they are mixed. */
  private final long salt;

  private Trace(Builder builder) {
    this.name = builder.name;
    this.sized = builder.sized;
    this.keys = Arrays.copyOf(builder.keys, builder.numberOfKey.size());
    this.numbers = Arrays.copyOf(builder.numbers, builder.count);
    this.sizes = Arrays.copyOf(builder.sizes, builder.count);
    this.footprintBytes = builder.footprintBytes;
    this.salt = 0;
  }

  private Trace(Trace other, long salt) {
    this.name = other.name;
    this.sized = other.sized;
    this.keys = other.keys;
    this.numbers = other.numbers;
    this.sizes = other.sizes;
    this.footprintBytes = other.footprintBytes;
    this.salt = salt;
  }

  /**
   * The same requests, whose keys' bits are mixed in the way of this run: caches hash them to other places. Run 0 mixes
   * as the trace itself; what the requests are is shared and not copied.
   */
  public Trace remixed(int run) {
    return new Trace(this, Mixing.mix(run));
  }

  /** What it is called in tables and files. */
  public String name() {
    return name;
  }

  /** The number of requests. */
  public int requestCount() {
    return numbers.length;
  }

  /** The number of different keys. */
  public int keyCount() {
    return keys.length;
  }

  /** The number of the key that is requested at a position. */
  public int number(int position) {
    return numbers[position];
  }

  /** The numbers of all requests' keys, as a fresh array. */
  public int[] numbers() {
    return numbers.clone();
  }

  /**
   * The key with a number as caches are given it: its bits are mixed, one to one, because recorded keys are often
   * dense and a cache may not hash a number.
   */
  public long key(int number) {
    return Mixing.mix(keys[number] ^ salt);
  }

  /** Whether the sizes are those of real values; where not, each is 1. */
  public boolean sized() {
    return sized;
  }

  /** The size in bytes of the value that is requested at a position; the requests of a key may differ in it. */
  public long sizeBytes(int position) {
    return Integer.toUnsignedLong(sizes[position]);
  }

  /** The largest size in bytes. */
  public long largestBytes() {
    return Arrays.stream(sizes).mapToLong(Integer::toUnsignedLong).max().orElse(0);
  }

  /** The sizes of all keys together, each as its first request has it. */
  public long footprintBytes() {
    return footprintBytes;
  }

  /** Collects the requests of a trace, in order. */
  public static final class Builder {
    private static final int CAPACITY_AT_FIRST = 1024;

    private final String name;
    private final boolean sized;
    private final Map<Long, Integer> numberOfKey = new HashMap<>();
    private long[] keys = new long[CAPACITY_AT_FIRST];
    private int[] numbers = new int[CAPACITY_AT_FIRST];
    private int[] sizes = new int[CAPACITY_AT_FIRST];
    private int count;
    private long footprintBytes;

    /**
     * @param name what it is called
     * @param sized whether the sizes are those of real values
     */
    public Builder(String name, boolean sized) {
      this.name = name;
      this.sized = sized;
    }

    /** Adds a request. */
    public void add(long key) {
      add(key, 1);
    }

    /** Adds a request for a value of a size in bytes, which is taken as unsigned. */
    public void add(long key, int sizeBytes) {
      int next = numberOfKey.size();
      Integer known = numberOfKey.putIfAbsent(key, next);
      if (known == null) {
        footprintBytes += Integer.toUnsignedLong(sizeBytes);
        keys = next < keys.length ? keys : Arrays.copyOf(keys, 2 * next);
        keys[next] = key;
      }
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
        sizes = Arrays.copyOf(sizes, 2 * count);
      }
      numbers[count] = known == null ? next : known;
      sizes[count] = sizeBytes;
      count++;
    }

    /** The trace of what was added. */
    public Trace build() {
      return new Trace(this);
    }
  }
}
