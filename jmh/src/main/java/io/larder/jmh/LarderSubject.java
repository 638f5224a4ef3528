package io.larder.jmh;

import io.larder.Batch;
import io.larder.ByteCache;
import io.larder.CacheBuilder;
import io.larder.Codec;
import io.larder.Larder;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Larder's bytes API: keys and values as byte arrays, {@code getAll} for batches. */
final class LarderSubject implements Subject<byte[]> {
  /** Header, index and policy, and rounding to the size class. */
  static final int OVERHEAD_BYTES = 64;

  private final Shape shape;
  private final ByteCache cache;

  LarderSubject(Shape shape) {
    this(shape, shape.bytesWithHeadroom(OVERHEAD_BYTES));
  }

  LarderSubject(Shape shape, long memoryBytes) {
    this(shape, builder().memory(memoryBytes).buildBytes());
  }

  private LarderSubject(Shape shape, ByteCache cache) {
    this.shape = shape;
    this.cache = cache;
  }

  /** In private memory, without asking for huge pages: the pages that a file has. */
  static LarderSubject onSmallPages(Shape shape) {
    return new LarderSubject(
        shape, builder().memory(shape.bytesWithHeadroom(OVERHEAD_BYTES)).hugePages(false).buildBytes());
  }

  /** On a file that other processes may have open, too; it is made if there is none. */
  static LarderSubject onFile(Shape shape, Path file) {
    return new LarderSubject(
        shape, builder().sharedFile(file, shape.bytesWithHeadroom(OVERHEAD_BYTES)).buildBytes());
  }

  private static CacheBuilder<byte[], byte[]> builder() {
    return Larder.builder(Codec.bytes(), Codec.bytes());
  }

  @Override
  public byte[] newKey(int number) {
    return Keys.bytes(number, shape.keyBytes());
  }

  @Override
  public Client<byte[]> newClient() {
    return new BytesClient(cache, shape);
  }

  @Override
  public Map<String, Long> ledger() {
    return LarderLedger.of(cache.stats());
  }

  @Override
  public void close() {
    cache.close();
  }

  private static final class BytesClient implements Client<byte[]> {
    private static final int BATCH_KEYS_MAX = 256;

    private final ByteCache cache;
    private final byte[] buffer;
    private final int valueBytes;

    /** Made when it is first wanted: half a mebibyte that collections would copy beside what others keep. */
    private @Nullable Batch batch;

    BytesClient(ByteCache cache, Shape shape) {
      this.cache = cache;
      this.buffer = new byte[shape.valueBytes()];
      this.valueBytes = shape.valueBytes();
    }

    @Override
    public int get(byte[] key) {
      return cache.get(key, buffer);
    }

    @Override
    public byte[] buffer() {
      return buffer;
    }

    @Override
    public void put(byte[] key, byte[] value) {
      cache.put(key, value);
    }

    private Batch batch() {
      Batch made = batch;
      if (made == null) {
        made = new Batch(BATCH_KEYS_MAX, valueBytes);
        batch = made;
      }
      made.clear();
      return made;
    }

    @Override
    public int getAll(Object[] keys, int[] numbers, int from, int count) {
      Batch batch = batch();
      for (int i = from; i < from + count; i++) {
        byte[] key = (byte[]) keys[numbers[i]];
        batch.add(key, 0, key.length);
      }
      cache.getAll(batch);
      int sum = 0;
      for (int i = 0; i < count; i++) {
        sum += batch.length(i);
      }
      return sum;
    }
  }
}
