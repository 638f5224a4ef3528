package io.larder.jmh;

import io.larder.Cache;
import io.larder.Codec;
import io.larder.Larder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Larder's typed API: strings are encoded per call, every get makes a fresh array. */
final class LarderTypedSubject implements Subject<String> {
  private final Shape shape;
  private final Cache<String, byte[]> cache;

  LarderTypedSubject(Shape shape) {
    this.shape = shape;
    this.cache =
        Larder.builder(Codec.utf8(), Codec.bytes())
            .memory(shape.bytesWithHeadroom(LarderSubject.OVERHEAD_BYTES))
            .build();
  }

  @Override
  public String newKey(int number) {
    return Keys.string(number, shape.keyBytes());
  }

  @Override
  public Client<String> newClient() {
    return new TypedClient(cache);
  }

  @Override
  public Map<String, Long> ledger() {
    return LarderLedger.of(cache.stats());
  }

  @Override
  public void close() {
    cache.close();
  }

  private static final class TypedClient implements Client<String> {
    private static final byte[] NONE = new byte[0];

    private final Cache<String, byte[]> cache;
    private byte[] value = NONE;

    TypedClient(Cache<String, byte[]> cache) {
      this.cache = cache;
    }

    @Override
    public int get(String key) {
      byte @Nullable [] found = cache.get(key);
      if (found == null) {
        return ABSENT;
      }
      value = found;
      return found.length;
    }

    @Override
    public byte[] buffer() {
      return value;
    }

    @Override
    public void put(String key, byte[] value) {
      cache.put(key, value);
    }
  }
}
