package io.larder;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The flights of a cache that may be joined: at most one for a key.
 *
 * <p>A hash table of immutable lists that are replaced by compare-and-set. It is asked on each write whether it has
 * to forget a flight, so asking costs one read of memory that seldom changes, and allocates nothing.
 *
 * <p>Any thread.
 */
final class Flights {
  private static final int BUCKETS = 256;

  private record Node(Flight flight, @Nullable Node next) {}

  private final AtomicReferenceArray<@Nullable Node> buckets = new AtomicReferenceArray<>(BUCKETS);

  /** Adds the flight and returns it, unless there is one for its key already: that is returned then. */
  Flight enter(Flight flight) {
    int bucket = bucket(flight.hash);
    while (true) {
      Node head = buckets.get(bucket);
      Flight there = find(head, flight.hash, flight.key, 0, flight.key.length);
      if (there != null) {
        return there;
      }
      if (buckets.compareAndSet(bucket, head, new Node(flight, head))) {
        return flight;
      }
    }
  }

  /**
   * Forgets the flight for the key, if there is one, after the key was written to: who asks from now on must not
   * join it.
   */
  void forget(long hash, byte[] key, int offset, int length) {
    Flight flight = find(buckets.get(bucket(hash)), hash, key, offset, length);
    if (flight != null) {
      forget(flight);
    }
  }

  /** Forgets the flight if it is still there. */
  void forget(Flight flight) {
    int bucket = bucket(flight.hash);
    Node head;
    do {
      head = buckets.get(bucket);
    } while (!buckets.compareAndSet(bucket, head, without(head, flight)));
  }

  /** Forgets all. */
  void forgetAll() {
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      buckets.set(bucket, null);
    }
  }

  private static int bucket(long hash) {
    return (int) (hash >>> 32) & (BUCKETS - 1);
  }

  private static @Nullable Flight find(@Nullable Node head, long hash, byte[] key, int offset, int length) {
    for (Node node = head; node != null; node = node.next) {
      if (node.flight.isFor(hash, key, offset, length)) {
        return node.flight;
      }
    }
    return null;
  }

  private static @Nullable Node without(@Nullable Node head, Flight flight) {
    if (head == null) {
      return null;
    }
    return head.flight == flight ? head.next : new Node(head.flight, without(head.next, flight));
  }
}
