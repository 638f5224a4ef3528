package io.larder;

import io.larder.engine.PutSpec;
import io.larder.engine.PutSpec.Condition;
import io.larder.engine.Store;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@link ByteCache} over the core.
 *
 * <p>The store wants keys in arrays: others are copied to the scratch, as are the values of buffers that are not
 * arrays themselves, in either direction; a segment over a buffer would be garbage.
 */
final class StoreBytes implements ByteCache {
  private static final ViewReader<Function<? super ValueView, ?>, @Nullable Object> APPLY =
      (function, view) -> function.apply(view);

  /** How often a value is brought into the memory that is evicted again before it has been read. */
  private static final int VIEW_ATTEMPTS = 4;

  private final Core core;
  private final @Nullable Packing packing;
  private final @Nullable Tiers tiers;

  StoreBytes(Core core) {
    this.core = core;
    this.packing = core.packing();
    this.tiers = core.tiers();
  }

  // ---- reads

  @Override
  public int get(byte[] key, byte[] target) {
    Store store = core.store();
    int keyLength = Arguments.notNull(key, "key").length;
    Arguments.atMost("key", keyLength, store.keyBytesMax());
    int room = Arguments.notNull(target, "target").length;
    if (packing != null) {
      return get(store, key, 0, keyLength, target, 0, room);
    }
    int length = store.get(key, target);
    return length >= 0 || tiers == null
        ? length
        : tiers.get(store, store.hash(key, 0, keyLength), key, 0, keyLength, target, 0, room);
  }

  private int get(Store store, byte[] key, int keyOffset, int keyLength, byte[] target, int at, int room) {
    long hash = store.hash(key, keyOffset, keyLength);
    int length =
        packing == null
            ? store.get(hash, key, keyOffset, keyLength, target, at, room)
            : packing.get(store, hash, key, keyOffset, keyLength, target, at, room);
    return length >= 0 || tiers == null
        ? length
        : tiers.get(store, hash, key, keyOffset, keyLength, target, at, room);
  }

  private int get(Store store, byte[] key, int keyOffset, int keyLength, MemorySegment target) {
    long room = target.byteSize();
    long hash = store.hash(key, keyOffset, keyLength);
    int length =
        packing == null
            ? store.get(hash, key, keyOffset, keyLength, target, 0, room)
            : packing.get(store, hash, key, keyOffset, keyLength, target, 0, room);
    return length >= 0 || tiers == null ? length : tiers.get(store, hash, key, keyOffset, keyLength, target, 0, room);
  }

  @Override
  public int get(byte[] key, int keyOffset, int keyLength, byte[] target, int targetOffset) {
    Store store = core.store();
    checkKey(store, key, keyOffset, keyLength);
    Arguments.position("target", targetOffset, Arguments.notNull(target, "target").length);
    return get(store, key, keyOffset, keyLength, target, targetOffset, target.length - targetOffset);
  }

  @Override
  public int get(byte[] key, MemorySegment target) {
    Store store = core.store();
    checkKey(store, key, 0, Arguments.notNull(key, "key").length);
    checkTarget(target);
    return get(store, key, 0, key.length, target);
  }

  @Override
  public int get(byte[] key, ByteBuffer target) {
    Store store = core.store();
    checkKey(store, key, 0, Arguments.notNull(key, "key").length);
    checkTarget(target);
    Scratch scratch = Scratch.take();
    try {
      return getInto(store, key, key.length, target, scratch);
    } finally {
      scratch.release();
    }
  }

  @Override
  public int get(MemorySegment key, MemorySegment target) {
    Store store = core.store();
    checkTarget(target);
    Scratch scratch = Scratch.take();
    try {
      int length = copyKey(store, key, scratch);
      byte[] bytes = scratch.key.array();
      return get(store, bytes, 0, length, target);
    } finally {
      scratch.release();
    }
  }

  @Override
  public int get(ByteBuffer key, ByteBuffer target) {
    Store store = core.store();
    checkTarget(target);
    Scratch scratch = Scratch.take();
    try {
      int length = copyKey(store, key, scratch);
      return getInto(store, scratch.key.array(), length, target, scratch);
    } finally {
      scratch.release();
    }
  }

  private int getInto(Store store, byte[] key, int keyLength, ByteBuffer target, Scratch scratch) {
    int room = target.remaining();
    int length;
    if (target.hasArray()) {
      length = get(store, key, 0, keyLength, target.array(), target.arrayOffset() + target.position(), room);
    } else {
      byte[] bytes = scratch.value.array();
      length = get(store, key, 0, keyLength, bytes, 0, Math.min(room, bytes.length));
      while (length > bytes.length && length <= room && length <= Scratch.RETAINED_BYTES_MAX) {
        core.hitsAgain.increment();
        bytes = scratch.value.reserve(length);
        length = get(store, key, 0, keyLength, bytes, 0, Math.min(room, bytes.length));
      }
      if (length > bytes.length && length <= room) {
        core.hitsAgain.increment();
        length = get(store, key, 0, keyLength, MemorySegment.ofBuffer(target));
      } else if (length >= 0 && length <= room) {
        target.put(target.position(), bytes, 0, length);
      }
    }
    if (length >= 0 && length <= room) {
      target.position(target.position() + length);
    }
    return length;
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    Store store = core.store();
    checkKey(store, key, 0, Arguments.notNull(key, "key").length);
    Scratch scratch = Scratch.take();
    try {
      long hash = store.hash(key, 0, key.length);
      byte[] value =
          packing == null
              ? store.getBytes(hash, key, 0, key.length, scratch.info)
              : packing.getBytes(store, hash, key, 0, key.length);
      return value != null || tiers == null ? value : tiers.getBytes(store, hash, key, 0, key.length);
    } finally {
      scratch.release();
    }
  }

  @Override
  @SuppressWarnings("unchecked") // what the function returned comes back as it is
  public <R> @Nullable R read(byte[] key, Function<? super ValueView, ? extends @Nullable R> reader) {
    Arguments.notNull(reader, "reader");
    return (R) this.<Function<? super ValueView, ?>, @Nullable Object>read(key, reader, APPLY);
  }

  @Override
  public <C extends @Nullable Object, R extends @Nullable Object> @Nullable R read(
      byte[] key, C context, ViewReader<C, R> reader) {
    return read(key, 0, Arguments.notNull(key, "key").length, context, reader);
  }

  @Override
  @SuppressWarnings("unchecked") // what the reader returned comes back as it is
  public <C extends @Nullable Object, R extends @Nullable Object> @Nullable R read(
      byte[] key, int keyOffset, int keyLength, C context, ViewReader<C, R> reader) {
    Store store = core.store();
    checkKey(store, key, keyOffset, keyLength);
    Arguments.notNull(reader, "reader");
    Scratch scratch = Scratch.take();
    try {
      long hash = store.hash(key, keyOffset, keyLength);
      scratch.forReader(context, reader);
      Object result = view(store, hash, key, keyOffset, keyLength, scratch);
      if (tiers != null && !scratch.wasRead) {
        result = readBelow(tiers, store, hash, key, keyOffset, keyLength, scratch);
      }
      return (R) result;
    } finally {
      scratch.release();
    }
  }

  /** Has the scratch's reader read the value that the memory has. */
  private @Nullable Object view(Store store, long hash, byte[] key, int keyOffset, int keyLength, Scratch scratch) {
    if (packing == null) {
      return store.read(hash, key, keyOffset, keyLength, scratch, Scratch.IN_PLACE);
    }
    Object result = store.read(hash, key, keyOffset, keyLength, scratch, Scratch.UNPACKED);
    if (result instanceof Scratch.Damage damage) {
      packing.damaged(store, hash, key, keyOffset, keyLength, damage.version);
      scratch.wasRead = false;
      return null;
    }
    return result;
  }

  /** Brings the value into the memory and reads it there; null when it is gone again before that. */
  private @Nullable Object readBelow(
      Tiers both, Store store, long hash, byte[] key, int keyOffset, int keyLength, Scratch scratch) {
    for (int attempt = 0; attempt < VIEW_ATTEMPTS; attempt++) {
      if (!both.findForVersion(store, hash, key, keyOffset, keyLength, scratch.tierRead())) {
        return null;
      }
      Object result = view(store, hash, key, keyOffset, keyLength, scratch);
      if (scratch.wasRead) {
        core.hitsAgain.increment();
        return result;
      }
    }
    return null;
  }

  @Override
  public void getAll(Batch batch) {
    Store store = core.store();
    Arguments.atMost("key", Arguments.notNull(batch, "batch").longestKey(), store.keyBytesMax());
    if (packing == null) {
      store.getAll(batch.inner());
    } else {
      packing.getAll(store, batch.inner());
    }
    if (tiers != null) {
      tiers.getAbsent(store, batch.inner());
    }
  }

  @Override
  public boolean containsKey(byte[] key) {
    return containsKey(key, 0, Arguments.notNull(key, "key").length);
  }

  @Override
  public boolean containsKey(byte[] key, int keyOffset, int keyLength) {
    Store store = core.store();
    checkKey(store, key, keyOffset, keyLength);
    return core.contains(store, key, keyOffset, keyLength);
  }

  @Override
  public Explanation explain(byte[] key) {
    Store store = core.store();
    checkKey(store, key, 0, Arguments.notNull(key, "key").length);
    return core.explain(store, key, key.length);
  }

  @Override
  public long version(byte[] key) {
    return version(key, 0, Arguments.notNull(key, "key").length);
  }

  private long version(byte[] key, int keyOffset, int keyLength) {
    Store store = core.store();
    checkKey(store, key, keyOffset, keyLength);
    return core.presentVersion(store, store.hash(key, keyOffset, keyLength), key, keyOffset, keyLength);
  }

  // ---- writes

  @Override
  public long put(byte[] key, byte[] value) {
    PutSpec plain = core.plainSpec();
    return plain == null
        ? putIf(Condition.ALWAYS, 0, key, value, Entry.plain())
        : core.put(plain, Arguments.notNull(key, "key"), Arguments.notNull(value, "value"));
  }

  @Override
  public long put(byte[] key, byte[] value, Entry entry) {
    return putIf(Condition.ALWAYS, 0, key, value, entry);
  }

  @Override
  public long put(
      byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength, Entry entry) {
    Arguments.range("key", keyOffset, keyLength, Arguments.notNull(key, "key").length);
    Arguments.range("value", valueOffset, valueLength, Arguments.notNull(value, "value").length);
    return putIf(Condition.ALWAYS, 0, key, keyOffset, keyLength, value, valueOffset, valueLength, entry);
  }

  @Override
  public long put(byte[] key, MemorySegment value, Entry entry) {
    Arguments.notNull(key, "key");
    Arguments.notNull(value, "value");
    Arguments.notNull(entry, "entry");
    Scratch scratch = Scratch.take();
    try {
      return core.put(scratch.spec, entry, key, 0, key.length, value, value.byteSize());
    } finally {
      scratch.release();
    }
  }

  @Override
  public long put(byte[] key, ByteBuffer value, Entry entry) {
    Arguments.notNull(key, "key");
    Arguments.notNull(value, "value");
    Arguments.notNull(entry, "entry");
    Scratch scratch = Scratch.take();
    try {
      return put(scratch, key, key.length, value, entry);
    } finally {
      scratch.release();
    }
  }

  @Override
  public long put(MemorySegment key, MemorySegment value, Entry entry) {
    Arguments.notNull(value, "value");
    Arguments.notNull(entry, "entry");
    Scratch scratch = Scratch.take();
    try {
      int length = copyKey(core.store(), key, scratch);
      return core.put(scratch.spec, entry, scratch.key.array(), 0, length, value, value.byteSize());
    } finally {
      scratch.release();
    }
  }

  @Override
  public long put(ByteBuffer key, ByteBuffer value, Entry entry) {
    Arguments.notNull(value, "value");
    Arguments.notNull(entry, "entry");
    Scratch scratch = Scratch.take();
    try {
      int length = copyKey(core.store(), key, scratch);
      return put(scratch, scratch.key.array(), length, value, entry);
    } finally {
      scratch.release();
    }
  }

  private long put(Scratch scratch, byte[] key, int keyLength, ByteBuffer value, Entry entry) {
    int length = value.remaining();
    if (!value.hasArray() && length > Scratch.RETAINED_BYTES_MAX) {
      return core.put(scratch.spec, entry, key, 0, keyLength, MemorySegment.ofBuffer(value), length);
    }
    byte[] bytes;
    int at;
    if (value.hasArray()) {
      bytes = value.array();
      at = value.arrayOffset() + value.position();
    } else {
      bytes = scratch.value.reserve(length);
      at = 0;
      value.get(value.position(), bytes, 0, length);
    }
    return core.put(scratch.spec, Condition.ALWAYS, 0, entry, key, 0, keyLength, bytes, at, length);
  }

  @Override
  public long putIfAbsent(byte[] key, byte[] value, Entry entry) {
    return putIf(Condition.IF_ABSENT, 0, key, value, entry);
  }

  @Override
  public long replace(byte[] key, byte[] value, Entry entry) {
    return putIf(Condition.IF_PRESENT, 0, key, value, entry);
  }

  @Override
  public long replaceIfVersion(byte[] key, long expectedVersion, byte[] value, Entry entry) {
    Arguments.version(expectedVersion);
    return putIf(Condition.IF_VERSION, expectedVersion, key, value, entry);
  }

  private long putIf(Condition condition, long expectedVersion, byte[] key, byte[] value, Entry entry) {
    int keyLength = Arguments.notNull(key, "key").length;
    int valueLength = Arguments.notNull(value, "value").length;
    return putIf(condition, expectedVersion, key, 0, keyLength, value, 0, valueLength, entry);
  }

  private long putIf(
      Condition condition,
      long expectedVersion,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength,
      Entry entry) {
    Arguments.notNull(entry, "entry");
    Scratch scratch = Scratch.take();
    try {
      return core.put(
          scratch.spec, condition, expectedVersion, entry, key, keyOffset, keyLength, value, valueOffset, valueLength);
    } finally {
      scratch.release();
    }
  }

  @Override
  public long remove(byte[] key) {
    return remove(key, 0, Arguments.notNull(key, "key").length);
  }

  @Override
  public long remove(byte[] key, int keyOffset, int keyLength) {
    checkKey(core.store(), key, keyOffset, keyLength);
    return core.remove(key, keyOffset, keyLength, 0);
  }

  @Override
  public long remove(MemorySegment key) {
    Scratch scratch = Scratch.take();
    try {
      int length = copyKey(core.store(), key, scratch);
      return core.remove(scratch.key.array(), 0, length, 0);
    } finally {
      scratch.release();
    }
  }

  @Override
  public long remove(ByteBuffer key) {
    Scratch scratch = Scratch.take();
    try {
      int length = copyKey(core.store(), key, scratch);
      return core.remove(scratch.key.array(), 0, length, 0);
    } finally {
      scratch.release();
    }
  }

  @Override
  public long removeIfVersion(byte[] key, long expectedVersion) {
    checkKey(core.store(), key, 0, Arguments.notNull(key, "key").length);
    Arguments.version(expectedVersion);
    return core.remove(key, 0, key.length, expectedVersion);
  }

  @Override
  public void clear() {
    core.clear();
  }

  @Override
  public long resize(long bytes) {
    return core.resize(bytes);
  }

  // ---- the rest

  @Override
  public int keyBytesMax() {
    return core.store().keyBytesMax();
  }

  @Override
  public int valueBytesMax() {
    return core.store().valueBytesMax();
  }

  @Override
  public long estimatedSize() {
    return core.estimatedSize();
  }

  @Override
  public CacheStats stats() {
    return core.stats();
  }

  @Override
  public void close() {
    core.close();
  }

  // ---- arguments

  private static void checkKey(Store store, byte[] key, int offset, int length) {
    Arguments.range("key", offset, length, Arguments.notNull(key, "key").length);
    Arguments.atMost("key", length, store.keyBytesMax());
  }

  /** Copies the key to the scratch and returns its length. */
  private static int copyKey(Store store, MemorySegment key, Scratch scratch) {
    long length = Arguments.notNull(key, "key").byteSize();
    Arguments.atMost("key", length, store.keyBytesMax());
    byte[] bytes = scratch.key.reserve((int) length);
    MemorySegment.copy(key, ValueLayout.JAVA_BYTE, 0, bytes, 0, (int) length);
    return (int) length;
  }

  /** Copies the key to the scratch and returns its length. */
  private static int copyKey(Store store, ByteBuffer key, Scratch scratch) {
    int length = Arguments.notNull(key, "key").remaining();
    Arguments.atMost("key", length, store.keyBytesMax());
    byte[] bytes = scratch.key.reserve(length);
    key.get(key.position(), bytes, 0, length);
    return length;
  }

  private static void checkTarget(MemorySegment target) {
    if (Arguments.notNull(target, "target").isReadOnly()) {
      throw new IllegalArgumentException("target is read-only");
    }
  }

  private static void checkTarget(ByteBuffer target) {
    if (Arguments.notNull(target, "target").isReadOnly()) {
      throw new IllegalArgumentException("target is read-only");
    }
  }
}
