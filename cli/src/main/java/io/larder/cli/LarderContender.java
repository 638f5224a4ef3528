package io.larder.cli;

import io.larder.ByteCache;
import io.larder.Codec;
import io.larder.Entry;
import io.larder.Larder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Larder by its bytes API: a get copies the value into a buffer that the session reuses. */
final class LarderContender implements Contender {
  private final ByteCache cache;
  private byte[][] keys;
  private final int valueBytesMax;

  /** In private memory. */
  LarderContender(JdkImage image, long budgetBytes) {
    this(image, Larder.builder(Codec.bytes(), Codec.bytes()).memory(budgetBytes).buildBytes());
  }

  /** In a file, with all who have opened it. */
  LarderContender(JdkImage image, Path file, long bytes) {
    this(image, Larder.builder(Codec.bytes(), Codec.bytes()).sharedFile(file, bytes).buildBytes());
  }

  /** Over a cache, which closing this closes. */
  LarderContender(JdkImage image, ByteCache cache) {
    this.cache = cache;
    valueBytesMax = image.largestBytes() + Edition.EXTRA_BYTES;
    keys = new byte[image.count()][];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = image.name(i).getBytes(StandardCharsets.UTF_8);
    }
  }

  @Override
  public Session newSession() {
    return new BytesSession();
  }

  @Override
  public long entries() {
    return cache.estimatedSize();
  }

  @Override
  public long payloadBytes() {
    return cache.stats().payloadBytes();
  }

  @Override
  public long accountedBytes() {
    return cache.stats().usedBytes();
  }

  @Override
  public boolean accountsForAll() {
    return true;
  }

  @Override
  public void releaseRequests() {
    keys = new byte[0][];
  }

  @Override
  public void close() {
    cache.close();
  }

  private final class BytesSession implements Session {
    private final byte[] buffer = new byte[valueBytesMax];

    @Override
    public int get(int number) {
      return cache.get(keys[number], buffer);
    }

    @Override
    public byte[] value() {
      return buffer;
    }

    @Override
    public void put(int number, byte[] value, int length) {
      byte[] key = keys[number];
      cache.put(key, 0, key.length, value, 0, length, Entry.plain());
    }
  }
}
