package io.larder.jmh;

import io.larder.jmh.Subject.Client;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * Question: how many bytes does an entry of 24 + 100 bytes take beside itself?
 *
 * <p>Hypothesis: Larder's header, index and policy take at most 32 bytes an entry, and all it uses, with what
 * rounding to size classes and free space cost, is at most a quarter above the payload: less than the other off-heap
 * systems, and far less than heap maps, whose strings, arrays and nodes each have a header.
 *
 * <p>Method: one JVM per system. A small instance is filled, read and closed first, so that compiled code and the
 * library's classes are resident before the first measurement; then 1 M entries are loaded from keys and values that
 * nothing else refers to, and the growth of resident anonymous memory and of the live heap after collection is taken.
 * The collector gives back what is not live.
 *
 * <p>Falsified by: a higher figure in Larder's ledger; resident memory well above that ledger; missing entries when
 * the budget is exactly a quarter above the payload.
 */
public final class MemoryBenchmark {
  static final String RESIDENT = "residentBytes";
  static final String HEAP = "heapBytes";
  static final String PRESENT = "present";

  private static final int WARMUP_ENTRIES = 50_000;

  private MemoryBenchmark() {}

  /**
   * Measures one system and prints what it found.
   *
   * @param args implementation, entries, and for Larder optionally the budget in bytes
   * @throws IOException if the process's status cannot be read
   */
  public static void main(String[] args) throws IOException {
    Implementation implementation = Implementation.of(args[0]);
    int entries = Integer.parseInt(args[1]);
    try (Subject<?> small = implementation.open(Shape.usual(WARMUP_ENTRIES))) {
      fill(small, WARMUP_ENTRIES);
    }
    collectGarbage();
    long residentBefore = residentBytes();
    long heapBefore = heapBytes();
    Shape shape = Shape.usual(entries);
    try (Subject<?> subject =
        args.length > 2 ? new LarderSubject(shape, Long.parseLong(args[2])) : implementation.open(shape)) {
      int present = fill(subject, entries);
      collectGarbage();
      print(RESIDENT, residentBytes() - residentBefore);
      print(HEAP, heapBytes() - heapBefore);
      print(PRESENT, present);
      subject.ledger().forEach(MemoryBenchmark::print);
    }
  }

  /** Loads all entries, reads all, and returns how many are there. */
  private static <K> int fill(Subject<K> subject, int entries) {
    Values values = new Values(Shape.usual(entries).valueBytes());
    Client<K> client = subject.newClient();
    for (int i = 0; i < entries; i++) {
      client.put(subject.newKey(i), values.of(i));
    }
    int present = 0;
    for (int i = 0; i < entries; i++) {
      if (client.get(subject.newKey(i)) != Client.ABSENT) {
        if (!Arrays.equals(client.buffer(), values.of(i))) {
          throw new IllegalStateException("entry=" + i + " has another value than was put");
        }
        present++;
      }
    }
    return present;
  }

  private static void print(String name, long value) {
    System.out.println(name + "=" + value);
  }

  private static void collectGarbage() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
  }

  private static long heapBytes() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Private memory of this process that is resident: heap, off-heap, code; not the mapped files of the JDK. */
  private static long residentBytes() throws IOException {
    return ProcessStatus.bytes("RssAnon");
  }
}
