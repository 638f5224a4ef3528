package io.larder.jcstress;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;

/**
 * Things too dear to be made for every state: each is lent to one state at a time, from its constructor to its
 * arbiter. Any thread.
 */
public final class Pool<T> {
  private final ConcurrentLinkedDeque<T> idle = new ConcurrentLinkedDeque<>();
  private final Supplier<T> maker;

  public Pool(Supplier<T> maker) {
    this.maker = maker;
  }

  /** Lends one, in whatever condition it was given back. */
  public T take() {
    T thing = idle.pollFirst();
    return thing == null ? maker.get() : thing;
  }

  /** Takes one back that no thread uses any more. */
  public void give(T thing) {
    idle.addFirst(thing);
  }
}
