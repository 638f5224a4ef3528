package io.larder.engine;

import io.larder.allocator.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * A region as one process sees it, which dies between two stores: before its n-th store it throws {@link Crash}, and
 * from then on at every access, so that nothing that it would do on its way out, in a finally block or with its lock,
 * reaches the region. Several of them share an image, one after the other: one thread plays all processes.
 *
 * <p>Stores that no fence has ordered may come into the region in another order than they are in the program. So at the
 * crash some of those since the last point of order may be undone, as a {@link Reordering} says: of each address the
 * last ones. A compare-and-set that succeeds and a get-and-add order everything; what a release fence and a release
 * store order is for {@link Fences} to say.
 *
 * <p>A copy is as many stores as it has words, or, when it is long, as many as {@code chunksMax}: all in order, each as
 * a whole.
 */
final class CrashingMemory implements Memory {
  /** The end of the process. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1;

    Crash() {
      super("the process is dead", null, false, false);
    }
  }

  /** Which of the stores that nothing has ordered never come into the region. */
  enum Reordering {
    /** None: the order is that of the program. */
    NONE,
    /** All but the last, which has overtaken the others. */
    LAST_FIRST,
    /** One, which all behind it have overtaken. */
    ONE_LATE,
    /** Any. */
    SOME
  }

  /** What orders stores, besides the operations that read and write at once. */
  enum Fences {
    /**
     * A release fence and a release store are each between what is before and what is behind; only the release store
     * itself may be late, as compilers have it.
     */
    KEPT,
    /** A release store comes after all that is before it; what is behind may overtake it, and what is before it. */
    RELEASE_ONE_SIDED,
    /** Nothing: a twin of the memory that must show damage. */
    IGNORED
  }

  /**
   * A store that may still be undone.
   *
   * @param release whether it comes after all that is before it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Stored(int offset, byte[] before, boolean release) {
    boolean overlaps(Stored other) {
      return offset < other.offset + other.before.length && other.offset < offset + before.length;
    }
  }

  /** More than any test needs; a process that loops in a damaged region does not come to an end otherwise. */
  private static final long ACCESSES_MAX = 200_000_000;

  private static final VarHandle LONG = view(long[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle SHORT = view(short[].class);

  private final byte[] image;
  private final int chunksMax;
  private final List<Stored> unordered = new ArrayList<>();
  private long accesses;
  private long stores;
  private long crashBefore = Long.MAX_VALUE;
  private Reordering reordering = Reordering.NONE;
  private Fences fences = Fences.KEPT;
  private SplittableRandom random = new SplittableRandom(0);
  private boolean armed;

  /** Whether a fence came behind the last store. Until the next one the process may as well have died before it. */
  private boolean fenced;

  private boolean dead;

  CrashingMemory(byte[] image, int chunksMax) {
    this.image = image;
    this.chunksMax = chunksMax;
  }

  private static VarHandle view(Class<?> words) {
    return MethodHandles.byteArrayViewVarHandle(words, ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Dies before a store.
   *
   * @param store its number from now on, 1 or more
   * @param seed of what is undone
   */
  void crashBefore(long store, Reordering howReordered, Fences whichFences, long seed) {
    stores = 0;
    crashBefore = store;
    reordering = howReordered;
    fences = whichFences;
    random = new SplittableRandom(seed);
    armed = true;
  }

  /** Dies now. */
  void crash() {
    loseSome();
    dead = true;
  }

  /** The region, for whoever is not a process. */
  byte[] image() {
    return image;
  }

  /** A call of the system: what comes later comes after all that was stored; it is none when the process is dead. */
  void orderAll() {
    check(0, 0);
    unordered.clear();
  }

  /** How many stores there were, since the memory was made or told when to crash. */
  long stores() {
    return stores;
  }

  // ---- stores that nothing has ordered

  private void loseSome() {
    int count = unordered.size();
    int late = count == 0 ? 0 : random.nextInt(count);
    BitSet lost = new BitSet(count);
    for (int i = 0; i < count; i++) {
      boolean loses =
          switch (reordering) {
            case NONE -> false;
            case LAST_FIRST -> i < count - 1;
            case ONE_LATE -> i == late;
            case SOME -> random.nextBoolean();
          };
      if (loses || mustGo(unordered.get(i), lost)) {
        lost.set(i);
      }
    }
    for (int i = count - 1; i >= 0; i--) {
      if (lost.get(i)) {
        Stored store = unordered.get(i);
        System.arraycopy(store.before, 0, image, store.offset, store.before.length);
      }
    }
    unordered.clear();
  }

  /** Whether a store cannot have come into the region because some of those before it have not. */
  private boolean mustGo(Stored store, BitSet lost) {
    return (store.release && !lost.isEmpty()) || lost.stream().anyMatch(i -> unordered.get(i).overlaps(store));
  }

  // ---- counting

  private void check(long offset, long length) {
    if (dead) {
      throw new Crash();
    }
    if (++accesses > ACCESSES_MAX) {
      throw new AssertionError("the process does not come to an end");
    }
    Objects.checkFromIndexSize(offset, length, image.length);
  }

  private int checkWord(long offset, int length) {
    check(offset, length);
    if ((offset & (length - 1)) != 0) {
      throw new IllegalArgumentException("offset=" + offset + " is not aligned to " + length);
    }
    return (int) offset;
  }

  private void count() {
    if (++stores == crashBefore) {
      crash();
      throw new Crash();
    }
  }

  /** A store is about to happen that the next one may overtake. */
  private void beforeStore(long offset, int length, boolean release) {
    count();
    if (armed && reordering != Reordering.NONE) {
      if (fenced || (release && fences == Fences.KEPT)) {
        unordered.clear();
        fenced = false;
      }
      byte[] before = Arrays.copyOfRange(image, (int) offset, (int) offset + length);
      unordered.add(new Stored((int) offset, before, release && fences != Fences.IGNORED));
    }
  }

  private int plain(long offset, int length) {
    check(offset, length);
    beforeStore(offset, length, false);
    return (int) offset;
  }

  @Override
  public void releaseFence() {
    fenced = fences != Fences.IGNORED;
  }

  // ---- words

  @Override
  public long bytes() {
    return image.length;
  }

  @Override
  public long getLong(long offset) {
    check(offset, Long.BYTES);
    return (long) LONG.get(image, (int) offset);
  }

  @Override
  public void putLong(long offset, long value) {
    LONG.set(image, plain(offset, Long.BYTES), value);
  }

  @Override
  public long getLongAcquire(long offset) {
    return (long) LONG.get(image, checkWord(offset, Long.BYTES));
  }

  @Override
  public long getLongOpaque(long offset) {
    return (long) LONG.get(image, checkWord(offset, Long.BYTES));
  }

  @Override
  public void setLongRelease(long offset, long value) {
    int at = checkWord(offset, Long.BYTES);
    beforeStore(offset, Long.BYTES, true);
    LONG.set(image, at, value);
  }

  @Override
  public void setLongOpaque(long offset, long value) {
    int at = checkWord(offset, Long.BYTES);
    beforeStore(offset, Long.BYTES, false);
    LONG.set(image, at, value);
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    int at = checkWord(offset, Long.BYTES);
    if ((long) LONG.get(image, at) != expected) {
      return false;
    }
    count();
    unordered.clear();
    LONG.set(image, at, value);
    return true;
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    int at = checkWord(offset, Long.BYTES);
    long before = (long) LONG.get(image, at);
    count();
    unordered.clear();
    LONG.set(image, at, before + delta);
    return before;
  }

  @Override
  public int getInt(long offset) {
    check(offset, Integer.BYTES);
    return (int) INT.get(image, (int) offset);
  }

  @Override
  public void putInt(long offset, int value) {
    INT.set(image, plain(offset, Integer.BYTES), value);
  }

  @Override
  public int getIntAcquire(long offset) {
    return (int) INT.get(image, checkWord(offset, Integer.BYTES));
  }

  @Override
  public void setIntRelease(long offset, int value) {
    int at = checkWord(offset, Integer.BYTES);
    beforeStore(offset, Integer.BYTES, true);
    INT.set(image, at, value);
  }

  @Override
  public int getShort(long offset) {
    check(offset, Short.BYTES);
    return Short.toUnsignedInt((short) SHORT.get(image, (int) offset));
  }

  @Override
  public void putShort(long offset, int value) {
    SHORT.set(image, plain(offset, Short.BYTES), (short) value);
  }

  @Override
  public int getByte(long offset) {
    check(offset, 1);
    return Byte.toUnsignedInt(image[(int) offset]);
  }

  @Override
  public void setByteOpaque(long offset, int value) {
    image[plain(offset, 1)] = (byte) value;
  }

  // ---- bytes

  @Override
  public void copyIn(long offset, byte[] source, int index, int length) {
    check(offset, length);
    Objects.checkFromIndexSize(index, length, source.length);
    int words = (length + Long.BYTES - 1) / Long.BYTES;
    int chunk = Long.BYTES * Math.max(1, (words + chunksMax - 1) / chunksMax);
    for (int at = 0; at < length; at += chunk) {
      int piece = Math.min(chunk, length - at);
      beforeStore(offset + at, piece, false);
      System.arraycopy(source, index + at, image, (int) offset + at, piece);
    }
  }

  @Override
  public void copyIn(long offset, MemorySegment source, long sourceOffset, long length) {
    copyIn(offset, source.asSlice(sourceOffset, length).toArray(ValueLayout.JAVA_BYTE), 0, (int) length);
  }

  @Override
  public void copyOut(long offset, byte[] target, int index, int length) {
    check(offset, length);
    System.arraycopy(image, (int) offset, target, index, length);
  }

  @Override
  public void copyOut(long offset, MemorySegment target, long targetOffset, long length) {
    check(offset, length);
    MemorySegment.copy(image, (int) offset, target, ValueLayout.JAVA_BYTE, targetOffset, (int) length);
  }

  @Override
  public void copy(long from, long to, long length) {
    check(from, length);
    copyIn(to, Arrays.copyOfRange(image, (int) from, (int) (from + length)), 0, (int) length);
  }

  @Override
  public void zero(long offset, long length) {
    copyIn(offset, new byte[(int) length], 0, (int) length);
  }

  @Override
  public boolean matches(long offset, byte[] other, int index, int length) {
    check(offset, length);
    return Arrays.equals(image, (int) offset, (int) offset + length, other, index, index + length);
  }

  /** The process leaves; the image stays. */
  @Override
  public void close() {
    dead = true;
  }
}
