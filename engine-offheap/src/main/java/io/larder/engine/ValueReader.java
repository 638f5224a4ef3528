package io.larder.engine;

import org.jspecify.annotations.Nullable;

/**
 * Reads a value in place.
 *
 * @param <C> what the caller hands through, so that the reader need not capture it
 * @param <R> the result
 */
@FunctionalInterface
public interface ValueReader<C extends @Nullable Object, R extends @Nullable Object> {
  /**
   * Makes something of the value. It may be called more than once for one read, and may then see a mixture of
   * old and new bytes: its result, or what it throws, counts only if the value did not change meanwhile. So
   * it has no side effects, and ends on any bytes. No lock is held.
   */
  R read(C context, ValueView view);
}
