package io.larder.jmh;

import io.larder.jmh.Subject.Client;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A subject that holds all entries, and the requests to come: which entries, by a Zipf law, and their keys.
 *
 * <p>There is one request key per entry, a second copy of the stored one. Strings keep their hash once it was
 * computed, so a system with string keys hashes each key once in a trial, while one with byte arrays hashes them on
 * every request. That favours the heap maps; requests that arrive over a network would hash each time.
 */
@State(Scope.Benchmark)
public class Loaded {
  private static final double SKEW = 0.99;
  private static final int DRAWS_MIN = 1 << 14;

  /** The system, a label of {@link Implementation}. */
  @Param({"larder", "larder-typed", "chm", "caffeine", "chronicle", "ohc", "ehcache", "mapdb"})
  public String implementation = "larder";

  /** Number of entries: small enough for the CPU's caches, and large enough to miss them. */
  @Param({"1000", "2000000"})
  public int entries;

  /** Sequences of entries to ask for; its length is a power of two. */
  int[] draws = {};

  /** The keys of all requests, by entry. */
  Object[] keys = {};

  /** Values to write. */
  Values values = new Values(0);

  private @Nullable Subject<Object> subject;

  /** Opens the subject, fills it, makes the requests, and makes sure that every entry is there. */
  @Setup(Level.Trial)
  public void load() {
    take(Implementation.of(implementation).open(Shape.usual(entries)), true);
  }

  /** As {@link #load}, with a subject that is open, and that others may have filled. */
  @SuppressWarnings("unchecked")
  final void take(Subject<?> open, boolean empty) {
    Shape shape = Shape.usual(entries);
    values = new Values(shape.valueBytes());
    Subject<Object> opened = (Subject<Object>) open;
    subject = opened;
    Client<Object> client = opened.newClient();
    for (int i = 0; empty && i < entries; i++) {
      client.put(opened.newKey(i), values.of(i));
    }
    keys = new Object[entries];
    for (int i = 0; i < entries; i++) {
      keys[i] = opened.newKey(i);
    }
    draws = new Zipf(entries, SKEW).draws(drawsLength(entries), 20);
    requireAllPresent(client, shape);
  }

  private void requireAllPresent(Client<Object> client, Shape shape) {
    for (int i = 0; i < entries; i++) {
      int length = client.get(keys[i]);
      if (length != shape.valueBytes()) {
        throw new IllegalStateException(
            implementation + " lost entry=" + i + " of " + entries + ", get gave " + length);
      }
    }
  }

  /** A new handle for one thread. */
  Client<Object> newClient() {
    Subject<Object> opened = subject;
    if (opened == null) {
      throw new IllegalStateException("not loaded");
    }
    return opened.newClient();
  }

  /** Two draws per entry, so that the tail is met too. */
  private static int drawsLength(int entries) {
    return Math.max(DRAWS_MIN, Integer.highestOneBit(2 * entries - 1) << 1);
  }

  /** Closes the subject. */
  @TearDown(Level.Trial)
  public void close() {
    if (subject != null) {
      subject.close();
    }
  }
}
