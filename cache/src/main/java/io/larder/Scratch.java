package io.larder;

import io.larder.engine.EntryInfo;
import io.larder.engine.PutSpec;
import io.larder.engine.ValueReader;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What one operation needs besides its arguments, reused so that operations allocate nothing: room for an encoded
 * key and value, and the engine's parameter objects.
 *
 * <p><b>Ownership.</b> From {@link #take()} to {@link #release()} it belongs to one operation of one thread. User
 * code that runs in between (a codec, a reader of a view, a function of {@code compute}) may use the cache again
 * and is given another one. Platform threads keep theirs; virtual threads, which are many and short-lived, take
 * theirs from a small common pool.
 */
final class Scratch {
  /** Nothing larger stays allocated between operations. */
  static final int RETAINED_BYTES_MAX = 256 << 10;

  /** How many keys {@link #batch()} takes. */
  static final int BATCH_KEYS = 64;

  private static final int BATCH_VALUE_BYTES = 512;
  private static final int KEY_BYTES = 256;
  private static final int VALUE_BYTES = 1024;
  private static final int POOL_SIZE = 64;

  private static final ThreadLocal<Stack> STACKS = ThreadLocal.withInitial(Stack::new);
  private static final AtomicReferenceArray<@Nullable Scratch> POOL = new AtomicReferenceArray<>(POOL_SIZE);

  /** The free ones of a platform thread: more than one only when operations are nested. */
  private static final class Stack {
    @Nullable Scratch top;
  }

  final ByteOutput key = new ByteOutput(KEY_BYTES);
  final ByteOutput value = new ByteOutput(VALUE_BYTES);
  final PutSpec spec = new PutSpec();
  final EntryInfo info = new EntryInfo();

  /** The version that an update has read; 0 for no entry. */
  long expectedVersion;

  /** Whether the user's reader has run since {@link #forReader}. */
  boolean wasRead;

  /** For reading a value in place: see {@link #forReader}. */
  @SuppressWarnings("NullAway") // it does not see that the type argument is nullable
  static final ValueReader<Scratch, @Nullable Object> IN_PLACE = Scratch::read;

  /** As {@link #IN_PLACE}, where values may be compressed: the reader looks at a copy of those. */
  @SuppressWarnings("NullAway") // as above
  static final ValueReader<Scratch, @Nullable Object> UNPACKED = Scratch::readUnpacked;

  /** What {@link #UNPACKED} returns instead of running the reader on a value that cannot be decompressed. */
  static final class Damage {
    /** The version of its entry. */
    long version;
  }

  private @Nullable TierRead tierRead;
  private final ValueView view = new ValueView();
  private final Damage damage = new Damage();
  private @Nullable Object context;
  private @Nullable ViewReader<@Nullable Object, @Nullable Object> reader;

  private final @Nullable Stack home;
  private @Nullable Scratch below;
  private io.larder.engine.@Nullable Batch batch;

  private Scratch(@Nullable Stack home) {
    this.home = home;
  }

  static Scratch take() {
    if (Thread.currentThread().isVirtual()) {
      Scratch pooled = POOL.getAndSet(poolIndex(0), null);
      pooled = pooled != null ? pooled : POOL.getAndSet(poolIndex(1), null);
      return pooled != null ? pooled : new Scratch(null);
    }
    Stack stack = STACKS.get();
    Scratch top = stack.top;
    if (top == null) {
      return new Scratch(stack);
    }
    stack.top = top.below;
    return top;
  }

  void release() {
    context = null;
    reader = null;
    key.reset(RETAINED_BYTES_MAX);
    value.reset(RETAINED_BYTES_MAX);
    if (tierRead != null) {
      tierRead.reset(RETAINED_BYTES_MAX);
    }
    if (home == null) {
      if (!POOL.compareAndSet(poolIndex(0), null, this)) {
        POOL.compareAndSet(poolIndex(1), null, this);
      }
    } else {
      below = home.top;
      home.top = this;
    }
  }

  /** A virtual thread has two places in the pool, as operations may be nested. */
  private static int poolIndex(int place) {
    return ((int) Thread.currentThread().threadId() + place) & (POOL_SIZE - 1);
  }

  /** A batch of {@link #BATCH_KEYS} keys for small values. */
  io.larder.engine.Batch batch() {
    io.larder.engine.Batch made = batch;
    if (made == null) {
      made = new io.larder.engine.Batch(BATCH_KEYS, BATCH_VALUE_BYTES);
      batch = made;
    }
    return made;
  }

  /** For reading the second tier. */
  TierRead tierRead() {
    TierRead made = tierRead;
    if (made == null) {
      made = new TierRead();
      tierRead = made;
    }
    return made;
  }

  /** Has a user's reader run on the views that the store gives to {@link #IN_PLACE} with this scratch. */
  @SuppressWarnings("unchecked")
  <C extends @Nullable Object, R extends @Nullable Object> Scratch forReader(
      C readerContext, ViewReader<C, R> userReader) {
    context = readerContext;
    wasRead = false;
    reader = (ViewReader<@Nullable Object, @Nullable Object>) (ViewReader<?, ?>) userReader;
    return this;
  }

  private @Nullable Object readUnpacked(io.larder.engine.ValueView inner) {
    if (Packing.isPacked(inner.info()) && !unpack(inner)) {
      damage.version = inner.info().version();
      return damage;
    }
    return read(inner);
  }

  /** Lets a view look at the value that its bytes stand for; false if they do not, or are being overwritten. */
  private boolean unpack(io.larder.engine.ValueView inner) {
    int length = inner.length();
    byte[] packed = tierRead().stored.reserve(length);
    inner.copyTo(0, packed, 0, length);
    int plainLength = Lz4.rawLength(packed, 0, length, Packing.VALUE_BYTES_MAX);
    if (plainLength == Lz4.ABSURD
        || !Lz4.decompress(packed, 0, length, inner.copyRoom(plainLength), 0, plainLength)) {
      return false;
    }
    inner.bindCopy(plainLength);
    return true;
  }

  @SuppressWarnings("NullAway") // as above
  private @Nullable Object read(io.larder.engine.ValueView inner) {
    view.bind(inner);
    wasRead = true;
    try {
      return Arguments.notNull(reader, "reader").read(context, view);
    } finally {
      view.unbind();
    }
  }
}
