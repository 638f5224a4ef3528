package io.larder;

import org.jspecify.annotations.Nullable;

/**
 * Reads something out of a value where it lies, without a copy of the whole.
 *
 * <p>It should be short and free of side effects: when a write comes in between it runs again, and what it returned
 * or threw before is thrown away. In such a discarded run the bytes may be a mix of two values; so it must end on
 * any bytes. Every access is bounds-checked. No lock is held.
 *
 * @param <C> what the caller hands through, so that the reader need not capture it
 * @param <R> what the reader returns
 */
@FunctionalInterface
public interface ViewReader<C extends @Nullable Object, R extends @Nullable Object> {

  /** Reads; the view is good until this returns and must not be kept. */
  R read(C context, ValueView view);
}
