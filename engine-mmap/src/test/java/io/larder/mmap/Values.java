package io.larder.mmap;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.larder.engine.EntryInfo;
import io.larder.engine.PutSpec;
import io.larder.engine.Store;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Keys and values as text, and values that show whether they are whole. */
final class Values {
  /** The answer of {@link #count} for what is not a whole value of its key. */
  static final long TORN = -2;

  /** The answer of {@link #count} for no value. */
  static final long ABSENT = -1;

  /** Every so many keys one has a value of several blocks. */
  private static final int LARGE_EVERY = 97;

  private static final int LARGE_BYTES = 100_000;

  private Values() {}

  static long hash(Store store, String key) {
    byte[] bytes = key.getBytes(UTF_8);
    return store.hash(bytes, 0, bytes.length);
  }

  static int partition(Store store, String key) {
    return (int) hash(store, key) & (store.geometry().partitionCount() - 1);
  }

  static long put(Store store, String key, byte[] value) {
    byte[] bytes = key.getBytes(UTF_8);
    return store.put(hash(store, key), bytes, 0, bytes.length, value, 0, value.length, new PutSpec());
  }

  static long put(Store store, String key, String value) {
    return put(store, key, value.getBytes(UTF_8));
  }

  static byte @Nullable [] getBytes(Store store, String key) {
    byte[] bytes = key.getBytes(UTF_8);
    return store.getBytes(hash(store, key), bytes, 0, bytes.length, new EntryInfo());
  }

  static @Nullable String get(Store store, String key) {
    byte[] value = getBytes(store, key);
    return value == null ? null : new String(value, UTF_8);
  }

  /** The value of a key for a count, of the count and of bytes that follow from both. */
  static byte[] counted(String key, long count) {
    int number = key.hashCode() & Integer.MAX_VALUE;
    byte[] value = new byte[number % LARGE_EVERY == 0 ? LARGE_BYTES : Long.BYTES + number % 300];
    new SplittableRandom(number ^ (count << Integer.SIZE)).nextBytes(value);
    ByteBuffer.wrap(value).putLong(count);
    return value;
  }

  /** The count of the value of a key. */
  static long count(Store store, String key) {
    byte[] value = getBytes(store, key);
    if (value == null) {
      return ABSENT;
    }
    long count = ByteBuffer.wrap(value).getLong();
    return Arrays.equals(value, counted(key, count)) ? count : TORN;
  }
}
