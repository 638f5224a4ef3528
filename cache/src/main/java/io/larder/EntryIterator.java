package io.larder;

import io.larder.engine.PartitionBusyException;
import io.larder.engine.StoreIterator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Decodes what an iteration of the store finds, one entry ahead; leaves out what cannot be decoded. */
final class EntryIterator<K, V> implements Iterator<CacheEntry<K, V>> {
  private final Core core;
  private final StoreIterator entries;
  private final Codec<K> keys;
  private final Codec<V> values;
  private final Consumer<? super K> remover;

  private byte[] keyBytes = {};
  private byte[] valueBytes = {};
  private @Nullable CacheEntry<K, V> next;
  private @Nullable CacheEntry<K, V> last;

  EntryIterator(Core core, StoreIterator entries, Codec<K> keys, Codec<V> values, Consumer<? super K> remover) {
    this.core = core;
    this.entries = entries;
    this.keys = keys;
    this.values = values;
    this.remover = remover;
  }

  @Override
  public boolean hasNext() {
    core.store();
    try {
      while (next == null && entries.next()) {
        next = decode();
      }
    } catch (PartitionBusyException busy) {
      throw core.busy(busy);
    }
    return next != null;
  }

  private @Nullable CacheEntry<K, V> decode() {
    int keyLength = entries.keyLength();
    int valueLength = entries.valueLength();
    keyBytes = atLeast(keyBytes, keyLength);
    valueBytes = atLeast(valueBytes, valueLength);
    entries.copyKey(keyBytes, 0);
    entries.copyValue(valueBytes, 0);
    try {
      return new CacheEntry<>(
          keys.decode(keyBytes, 0, keyLength),
          values.decode(valueBytes, 0, valueLength),
          entries.info().version(),
          entries.info().expiryMillis(),
          entries.info().cost());
    } catch (RuntimeException undecodable) {
      core.decodeFailures.increment();
      return null;
    }
  }

  private static byte[] atLeast(byte[] present, int length) {
    return present.length >= length ? present : new byte[length];
  }

  @Override
  public CacheEntry<K, V> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    CacheEntry<K, V> entry = Arguments.notNull(next, "next");
    next = null;
    last = entry;
    return entry;
  }

  @Override
  public void remove() {
    if (last == null) {
      throw new IllegalStateException("next() has not been called since the last remove()");
    }
    remover.accept(last.key());
    last = null;
  }
}
