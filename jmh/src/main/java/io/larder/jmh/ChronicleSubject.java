package io.larder.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Chronicle Map in private memory or persisted to a file, with byte arrays of constant size on both sides: no per-entry
 * size field, no encoding of strings, {@code getUsing} fills the array it is given. {@code putReturnsNull} spares it
 * reading the old value.
 */
final class ChronicleSubject implements Subject<byte[]> {
  private final Shape shape;
  private final ChronicleMap<byte[], byte[]> map;

  ChronicleSubject(Shape shape) {
    this(shape, builder(shape).create());
  }

  private ChronicleSubject(Shape shape, ChronicleMap<byte[], byte[]> map) {
    this.shape = shape;
    this.map = map;
  }

  /** On a file that other processes may have open, too; it is made if there is none. */
  static ChronicleSubject onFile(Shape shape, Path file) {
    try {
      return new ChronicleSubject(shape, persisted(shape).createPersistedTo(file.toFile()));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** On a file that a process had open which was killed, and that no other has open. */
  static ChronicleSubject recovered(Shape shape, Path file) {
    try {
      return new ChronicleSubject(shape, persisted(shape).recoverPersistedTo(file.toFile(), true));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Without the checksums that persisted maps have by default and those in memory do not: they cost it time. */
  private static ChronicleMapBuilder<byte[], byte[]> persisted(Shape shape) {
    return builder(shape).checksumEntries(false);
  }

  private static ChronicleMapBuilder<byte[], byte[]> builder(Shape shape) {
    return ChronicleMap.of(byte[].class, byte[].class)
        .name("bench")
        .constantKeySizeBySample(new byte[shape.keyBytes()])
        .constantValueSizeBySample(new byte[shape.valueBytes()])
        .entries(shape.entriesWithHeadroom())
        .putReturnsNull(true)
        .removeReturnsNull(true);
  }

  @Override
  public byte[] newKey(int number) {
    return Keys.bytes(number, shape.keyBytes());
  }

  @Override
  public Client<byte[]> newClient() {
    return new MapClient(map, shape);
  }

  @Override
  public Map<String, Long> ledger() {
    return Map.of("usedBytes", map.offHeapMemoryUsed());
  }

  @Override
  public void close() {
    map.close();
  }

  private static final class MapClient implements Client<byte[]> {
    private final ChronicleMap<byte[], byte[]> map;
    private byte[] buffer;

    MapClient(ChronicleMap<byte[], byte[]> map, Shape shape) {
      this.map = map;
      this.buffer = new byte[shape.valueBytes()];
    }

    @Override
    public int get(byte[] key) {
      byte @Nullable [] value = map.getUsing(key, buffer);
      if (value == null) {
        return ABSENT;
      }
      buffer = value;
      return value.length;
    }

    @Override
    public byte[] buffer() {
      return buffer;
    }

    @Override
    public void put(byte[] key, byte[] value) {
      map.put(key, value);
    }
  }
}
