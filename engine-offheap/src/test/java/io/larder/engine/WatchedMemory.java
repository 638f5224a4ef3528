package io.larder.engine;

import org.jspecify.annotations.Nullable;

/** A memory that shows every store into it to somebody, before it happens, and if he wants so every access. */
final class WatchedMemory extends ArrayMemory {
  /** In which way something is stored. */
  enum Mode {
    PLAIN,
    OPAQUE,
    RELEASE,
    /** A compare-and-set that succeeds, or a get-and-add. */
    ATOMIC
  }

  /** Sees the stores. It may read from the memory; who sees all accesses, too, by {@link #peek} only. */
  interface Watcher {
    /**
     * Something is about to be stored.
     *
     * @param value what is stored, if it is a word or a part of one; 0 for longer things
     */
    void store(Mode mode, long offset, long length, long value);

    /** A word, or a part of one, is about to be read or stored; a store has been shown before. */
    default void access(long offset, int length) {}
  }

  private @Nullable Watcher watcher;

  WatchedMemory(long bytes) {
    super(bytes);
  }

  /** Shows the stores from now on. */
  void watch(Watcher by) {
    watcher = by;
  }

  @Override
  void access(long offset, int length) {
    if (watcher != null) {
      watcher.access(offset, length);
    }
  }

  private void show(Mode mode, long offset, long length, long value) {
    if (watcher != null && length > 0) {
      watcher.store(mode, offset, length, value);
    }
  }

  @Override
  public void putLong(long offset, long value) {
    show(Mode.PLAIN, offset, Long.BYTES, value);
    super.putLong(offset, value);
  }

  @Override
  public void setLongRelease(long offset, long value) {
    show(Mode.RELEASE, offset, Long.BYTES, value);
    super.setLongRelease(offset, value);
  }

  @Override
  public void setLongOpaque(long offset, long value) {
    show(Mode.OPAQUE, offset, Long.BYTES, value);
    super.setLongOpaque(offset, value);
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    if (peek(offset) == expected) {
      show(Mode.ATOMIC, offset, Long.BYTES, value);
    }
    return super.compareAndSetLong(offset, expected, value);
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    show(Mode.ATOMIC, offset, Long.BYTES, peek(offset) + delta);
    return super.getAndAddLong(offset, delta);
  }

  @Override
  public void putInt(long offset, int value) {
    show(Mode.PLAIN, offset, Integer.BYTES, value);
    super.putInt(offset, value);
  }

  @Override
  public void setIntRelease(long offset, int value) {
    show(Mode.RELEASE, offset, Integer.BYTES, value);
    super.setIntRelease(offset, value);
  }

  @Override
  public void putShort(long offset, int value) {
    show(Mode.PLAIN, offset, Short.BYTES, value);
    super.putShort(offset, value);
  }

  @Override
  public void setByteOpaque(long offset, int value) {
    show(Mode.OPAQUE, offset, 1, value);
    super.setByteOpaque(offset, value);
  }

  @Override
  public void copyIn(long offset, byte[] source, int index, int length) {
    show(Mode.PLAIN, offset, length, 0);
    super.copyIn(offset, source, index, length);
  }

  @Override
  public void zero(long offset, long length) {
    show(Mode.PLAIN, offset, length, 0);
    super.zero(offset, length);
  }
}
