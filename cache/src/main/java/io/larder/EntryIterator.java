package io.larder;

import io.larder.engine.EntryInfo;
import io.larder.engine.PartitionBusyException;
import io.larder.engine.Store;
import io.larder.engine.StoreIterator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes what an iteration of the memory finds, and then of the tier below it, one entry ahead; leaves out what cannot
 * be decoded, and of the tier what the memory has, too.
 */
final class EntryIterator<K, V> implements Iterator<CacheEntry<K, V>> {
  private final Core core;
  private final Store store;
  private final StoreIterator entries;
  private final Tier.@Nullable Cursor below;
  private final Codec<K> keys;
  private final Codec<V> values;
  private final Consumer<? super K> remover;

  private final boolean packs;

  private final TierRead read = new TierRead();
  private byte[] keyBytes = {};
  private @Nullable CacheEntry<K, V> next;
  private @Nullable CacheEntry<K, V> last;

  EntryIterator(Core core, Store store, Codec<K> keys, Codec<V> values, Consumer<? super K> remover) {
    this.core = core;
    this.store = store;
    this.entries = store.iterator();
    Tiers tiers = core.tiers();
    this.below = tiers == null ? null : tiers.below().cursor();
    this.keys = keys;
    this.values = values;
    this.remover = remover;
    this.packs = core.packing() != null;
  }

  @Override
  public boolean hasNext() {
    core.store();
    try {
      while (next == null && entries.next()) {
        next = decode();
      }
      while (next == null && below != null && below.next()) {
        next = decode(below);
      }
    } catch (PartitionBusyException busy) {
      throw core.busy(busy);
    }
    return next != null;
  }

  private @Nullable CacheEntry<K, V> decode() {
    int keyLength = entries.keyLength();
    int valueLength = entries.valueLength();
    EntryInfo info = entries.info();
    keyBytes = atLeast(keyBytes, keyLength);
    entries.copyKey(keyBytes, 0);
    entries.copyValue(read.stored.reserve(valueLength), 0);
    if (!packs) {
      read.takeStored(valueLength);
    } else if (!unpack(keyLength, valueLength, info)) {
      return null;
    }
    return decode(
        keyBytes, keyLength, read.array(), read.length, info.version(), info.expiryMillis(), info.cost());
  }

  private boolean unpack(int keyLength, int valueLength, EntryInfo info) {
    Packing.take(read.stored, valueLength, info);
    boolean whole = read.unpack(Packing.VALUE_BYTES_MAX, Long.MAX_VALUE);
    if (!whole) {
      store.quarantine(store.hash(keyBytes, 0, keyLength), keyBytes, 0, keyLength, info.version());
    }
    return whole;
  }

  private @Nullable CacheEntry<K, V> decode(Tier.Cursor cursor) {
    byte[] key = cursor.key();
    if (store.find(store.hash(key, 0, key.length), key, 0, key.length, read.stored.info)) {
      return null;
    }
    TierValue stored = read.stored;
    cursor.value(stored);
    return Tiers.unpack(read)
        ? decode(key, key.length, read.array(), read.length, 0, stored.expiryMillis(), stored.cost())
        : null;
  }

  private @Nullable CacheEntry<K, V> decode(
      byte[] key, int keyLength, byte[] value, int valueLength, long version, long expiryMillis, int cost) {
    try {
      return new CacheEntry<>(
          keys.decode(key, 0, keyLength), values.decode(value, 0, valueLength), version, expiryMillis, cost);
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
