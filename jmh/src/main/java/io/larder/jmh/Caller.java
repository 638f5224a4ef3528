package io.larder.jmh;

import io.larder.jmh.Subject.Client;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/** One thread's client and its place in the sequence of requests. */
@State(Scope.Thread)
public class Caller {
  private int[] draws = {};
  private Object[] keys = {};
  private int mask;
  private int cursor;
  private Values values = new Values(0);
  private int valueBytes;
  private @Nullable Client<Object> client;

  /** Starts threads at places far from each other. */
  @Setup(Level.Trial)
  public void begin(Loaded loaded, ThreadParams thread) {
    begin(loaded, thread.getThreadIndex(), thread.getThreadCount());
  }

  /** As one of so many callers, whether threads or processes. */
  final void begin(Loaded loaded, int index, int count) {
    draws = loaded.draws;
    keys = loaded.keys;
    values = loaded.values;
    valueBytes = Shape.usual(loaded.entries).valueBytes();
    mask = draws.length - 1;
    cursor = (int) ((long) draws.length * index / count);
    client = loaded.newClient();
  }

  /** Gets the next entry into the buffer. */
  int get() {
    int length = client().get(keys[next()]);
    if (length != valueBytes) {
      throw lost(length);
    }
    return length;
  }

  /** Overwrites the next entry. */
  void put() {
    int number = next();
    client().put(keys[number], values.of(cursor));
  }

  /** Gets the next entries, as many as asked for: in one call if the system has one for it. */
  int getAll(int count) {
    int sum = client().getAll(keys, draws, nextRun(count), count);
    if (sum != count * valueBytes) {
      throw lost(sum);
    }
    return sum;
  }

  /** Gets the next entries one by one. */
  int getEach(int count) {
    int from = nextRun(count);
    int sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += client().get(keys[draws[i]]);
    }
    if (sum != count * valueBytes) {
      throw lost(sum);
    }
    return sum;
  }

  /** True for every tenth request, the writes of a mix of 90 to 10. */
  boolean writeIsNext() {
    return cursor % 10 == 0;
  }

  private int next() {
    int number = draws[cursor];
    cursor = (cursor + 1) & mask;
    return number;
  }

  /** The start of a run that does not wrap: counts are powers of two. */
  private int nextRun(int count) {
    int from = cursor & -count;
    cursor = (from + count) & mask;
    return from;
  }

  private Client<Object> client() {
    Client<Object> opened = client;
    if (opened == null) {
      throw new IllegalStateException("not begun");
    }
    return opened;
  }

  private static IllegalStateException lost(int length) {
    return new IllegalStateException("an entry is lost: got length=" + length);
  }
}
