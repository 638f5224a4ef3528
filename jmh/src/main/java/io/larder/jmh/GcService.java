package io.larder.jmh;

import io.larder.jmh.Subject.Client;
import java.util.SplittableRandom;

/**
 * One thread of a small service. A request makes keys, gets nine values, puts a new one, and leaves garbage as services
 * do: arrays of some hundred bytes that live as long as the request, and one that lives for some thousand requests.
 *
 * @param <K> the type of key
 */
final class GcService<K> implements Runnable {
  /** For each request, to one put. */
  static final int GETS = 9;

  static final int GARBAGE_BYTES_MIN = 4 << 10;
  static final int GARBAGE_BYTES_MAX = 16 << 10;

  private static final int OBJECT_BYTES_MIN = 16;
  private static final int OBJECT_BYTES_MAX = 512;
  private static final int OBJECTS_MAX = GARBAGE_BYTES_MAX / OBJECT_BYTES_MIN + 1;
  private static final int KEPT = 4_096;
  private static final int MARK_BYTES = 4;

  private final Subject<K> subject;
  private final Client<K> client;
  private final SplittableRandom random;
  private final int[] draws;
  private final Object[] ofRequest = new Object[OBJECTS_MAX];
  private final Object[] kept = new Object[KEPT];
  private int next;
  private int requests;
  private long hits;

  /**
   * For one thread.
   *
   * @param draws which entries are asked for, one after the other and then from the first again
   * @param first where in them to begin
   */
  GcService(Subject<K> subject, int[] draws, int first, long seed) {
    this.subject = subject;
    this.client = subject.newClient();
    this.random = new SplittableRandom(seed);
    this.draws = draws;
    this.next = first % draws.length;
  }

  /** Puts all entries. */
  void fill(int entries) {
    for (int i = 0; i < entries; i++) {
      put(i);
    }
  }

  /** One request. */
  @Override
  public void run() {
    makeGarbage();
    for (int i = 0; i < GETS; i++) {
      if (client.get(subject.newKey(draw())) != Client.ABSENT) {
        hits++;
      }
    }
    put(draw());
    requests++;
  }

  private int draw() {
    int drawn = draws[next];
    next = next + 1 == draws.length ? 0 : next + 1;
    return drawn;
  }

  /** The array is the cache's from then on. */
  private void put(int number) {
    byte[] value = new byte[random.nextInt(GcSystem.VALUE_BYTES_MIN, GcSystem.VALUE_BYTES_MAX + 1)];
    for (int i = 0; i < MARK_BYTES; i++) {
      value[i] = (byte) (number >>> (i * Byte.SIZE));
    }
    client.put(subject.newKey(number), value);
  }

  private void makeGarbage() {
    int left = random.nextInt(GARBAGE_BYTES_MIN, GARBAGE_BYTES_MAX + 1);
    for (int i = 0; left > 0; i++) {
      int bytes = random.nextInt(OBJECT_BYTES_MIN, OBJECT_BYTES_MAX + 1);
      ofRequest[i] = new byte[bytes];
      left -= bytes;
    }
    kept[requests & (KEPT - 1)] = ofRequest[0];
  }

  /** How many requests it has had. */
  int requests() {
    return requests;
  }

  /** How many gets found a value. */
  long hits() {
    return hits;
  }
}
