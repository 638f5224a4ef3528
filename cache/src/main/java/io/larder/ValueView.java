package io.larder;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A read-only look at the bytes of a value where they lie in the cache's memory.
 *
 * <p>It is good while the {@link ViewReader} runs that was given it, for that thread; later uses throw {@link
 * IllegalStateException}. Positions are in bytes from the value's start; an access outside the value throws {@link
 * IndexOutOfBoundsException}. Numbers are stored with their lowest byte first. Nothing allocates but {@link
 * #toArray()}.
 */
public final class ValueView {
  private io.larder.engine.@Nullable ValueView view;

  ValueView() {}

  void bind(io.larder.engine.ValueView inner) {
    view = inner;
  }

  void unbind() {
    view = null;
  }

  private io.larder.engine.ValueView open() {
    if (view == null) {
      throw new IllegalStateException("the view is used outside of its read");
    }
    return view;
  }

  /** The value's length in bytes. */
  public int length() {
    return open().length();
  }

  /** The version of the entry, 1 or more. */
  public long version() {
    return open().info().version();
  }

  /** When the entry expires, in milliseconds of the cache's clock; 0 when it does not; later, with a time to idle. */
  public long expiryMillis() {
    return open().info().expiryMillis();
  }

  /** What recomputing the value costs, as given by {@link Entry#cost(int)}. */
  public int cost() {
    return open().info().cost();
  }

  /** The byte at a position. */
  public byte getByte(int position) {
    return open().getByte(position);
  }

  /** The four bytes from a position on, at any alignment. */
  public int getInt(int position) {
    return open().getInt(position);
  }

  /** The eight bytes from a position on, at any alignment. */
  public long getLong(int position) {
    return open().getLong(position);
  }

  /** Copies {@code count} bytes from a position on into an array, from {@code targetOffset} on. */
  public void copyTo(int position, byte[] target, int targetOffset, int count) {
    open().copyTo(position, target, targetOffset, count);
  }

  /** Copies {@code count} bytes from a position on into a segment, from {@code targetOffset} on. */
  public void copyTo(int position, MemorySegment target, long targetOffset, int count) {
    open().copyTo(position, target, targetOffset, count);
  }

  /** Whether the value's bytes are those of an array. */
  public boolean equalTo(byte[] other) {
    return open().equalTo(other);
  }

  /** The whole value in a new array. */
  public byte[] toArray() {
    return open().toArray();
  }
}
