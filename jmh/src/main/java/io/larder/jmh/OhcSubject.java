package io.larder.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.caffinitas.ohc.CacheSerializer;
import org.caffinitas.ohc.DirectValueAccess;
import org.caffinitas.ohc.Eviction;
import org.caffinitas.ohc.OHCache;
import org.caffinitas.ohc.OHCacheBuilder;
import org.jspecify.annotations.Nullable;

/**
 * OHC's linked implementation with LRU, its default and the one its users run; {@code getDirect} gives a buffer over
 * the entry, so a get copies once and deserialises nothing.
 */
final class OhcSubject implements Subject<byte[]> {
  /** Its entry header of 64 bytes, and rounding. */
  private static final int OVERHEAD_BYTES = 96;

  private final Shape shape;
  private final OHCache<byte[], byte[]> cache;

  OhcSubject(Shape shape) {
    this.shape = shape;
    OHCacheBuilder<byte[], byte[]> builder = OHCacheBuilder.newBuilder();
    this.cache =
        (shape.presized() ? builder.hashTableSize(hashTableSize(shape)) : builder)
            .keySerializer(new ByteArraySerializer())
            .valueSerializer(new ByteArraySerializer())
            .eviction(Eviction.LRU)
            .capacity(shape.bytesWithHeadroom(OVERHEAD_BYTES))
            .throwOOME(true)
            .build();
  }

  /** Slots per segment, of which there are two per processor. */
  private static int hashTableSize(Shape shape) {
    int segments = 2 * Runtime.getRuntime().availableProcessors();
    return Math.max(256, Integer.highestOneBit(2 * shape.entries() / segments));
  }

  @Override
  public byte[] newKey(int number) {
    return Keys.bytes(number, shape.keyBytes());
  }

  @Override
  public Client<byte[]> newClient() {
    return new CacheClient(cache, shape);
  }

  @Override
  public Map<String, Long> ledger() {
    return Map.of("usedBytes", cache.memUsed());
  }

  @Override
  public void close() {
    try {
      cache.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class CacheClient implements Client<byte[]> {
    private final OHCache<byte[], byte[]> cache;
    private final byte[] buffer;

    CacheClient(OHCache<byte[], byte[]> cache, Shape shape) {
      this.cache = cache;
      this.buffer = new byte[shape.valueBytes()];
    }

    @Override
    public int get(byte[] key) {
      try (@Nullable DirectValueAccess access = cache.getDirect(key)) {
        if (access == null) {
          return ABSENT;
        }
        ByteBuffer value = access.buffer();
        int length = value.remaining();
        value.get(buffer, 0, length);
        return length;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public byte[] buffer() {
      return buffer;
    }

    @Override
    public void put(byte[] key, byte[] value) {
      cache.put(key, value);
    }
  }

  /** Writes an array as it is: OHC keeps the lengths itself. */
  private static final class ByteArraySerializer implements CacheSerializer<byte[]> {
    @Override
    public void serialize(byte[] bytes, ByteBuffer target) {
      target.put(bytes);
    }

    @Override
    public byte[] deserialize(ByteBuffer source) {
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      return bytes;
    }

    @Override
    public int serializedSize(byte[] bytes) {
      return bytes.length;
    }
  }
}
