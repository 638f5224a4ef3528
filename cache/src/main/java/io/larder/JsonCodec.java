package io.larder;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@link Codec#json}: the only class that touches Jackson, so that its absence is noticed where it is asked for and
 * nowhere else.
 */
final class JsonCodec<T> implements Codec<T> {
  private final Class<T> type;
  private final ObjectWriter writer;
  private final ObjectReader reader;

  JsonCodec(Class<T> type) {
    JsonMapper mapper =
        JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    this.type = type;
    this.writer = mapper.writerFor(type);
    this.reader = mapper.readerFor(type);
  }

  @Override
  public void encode(T value, ByteOutput target) {
    writer.writeValue(target, value);
  }

  @Override
  public T decode(byte[] source, int offset, int length) {
    @Nullable T value = reader.readValue(source, offset, length);
    if (value == null) {
      throw new IllegalArgumentException("null is not a " + type.getName());
    }
    return value;
  }

  @Override
  public String toString() {
    return "Codec.json(" + type.getName() + ")";
  }
}
