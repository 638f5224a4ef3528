package io.larder;

/**
 * Turns objects into bytes and back.
 *
 * <p><b>Rules.</b> Many threads use one codec at once. {@code decode} of what {@code encode} wrote yields an equal
 * object. For keys, equal objects have equal bytes and different objects different ones: the bytes are the identity
 * of a key, and {@link Cache#replace(Object, Object, Object)} and {@link Cache#remove(Object, Object)} compare
 * values by their bytes.
 *
 * <p><b>Failures.</b> What {@code encode} throws reaches the caller, and the cache is as it was. What {@code
 * decode} throws on bytes that the cache holds makes the entry a miss and counts in {@link
 * CacheStats#decodeFailures()}: so throw when the bytes are not what was expected, rather than return something
 * similar.
 *
 * <p>No lock is held in either.
 *
 * @param <T> the type of the objects
 */
public interface Codec<T> {

  /** Writes the object's bytes. */
  void encode(T value, ByteOutput target);

  /**
   * The object whose bytes are the {@code length} ones at {@code offset}; never null. The array is the cache's own:
   * it must be neither changed nor kept.
   */
  T decode(byte[] source, int offset, int length);

  /**
   * Strings as UTF-8. A string with half of a surrogate pair has no such form: encoding it throws {@link
   * IllegalArgumentException}.
   */
  static Codec<String> utf8() {
    return Utf8Codec.INSTANCE;
  }

  /** Arrays of bytes as they are; each {@code get} yields a fresh array. */
  static Codec<byte[]> bytes() {
    return BytesCodec.INSTANCE;
  }

  /** Longs as 8 bytes, the lowest first. */
  static Codec<Long> int64() {
    return Int64Codec.INSTANCE;
  }

  /**
   * Records and other classes as JSON, by Jackson 3. What was written by another form of the class is a miss: a
   * property that the class does not have, one that its constructor wants and does not get, null for a primitive,
   * anything after the object. So properties must not be left out when writing, as {@code @JsonInclude} can do.
   *
   * @throws IllegalStateException when {@code tools.jackson.core:jackson-databind} is not there; it is not a
   *     dependency of Larder
   */
  static <T> Codec<T> json(Class<T> type) {
    Arguments.notNull(type, "type");
    try {
      return new JsonCodec<>(type);
    } catch (NoClassDefFoundError absent) {
      throw new IllegalStateException(
          "Codec.json needs Jackson 3 and it is not there: add tools.jackson.core:jackson-databind to the application",
          absent);
    }
  }
}
