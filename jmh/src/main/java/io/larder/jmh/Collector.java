package io.larder.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The garbage collectors that a service is measured with. */
enum Collector {
  G1("-XX:+UseG1GC"),
  ZGC("-XX:+UseZGC");

  /**
   * The threads that collect, of either, by names that the system cuts after 15 characters. The thread that runs the
   * JVM's own operations is one: in a service they are the collector's, and the part of a pause with one thread is its.
   */
  private static final Pattern THREADS =
      Pattern.compile("(GC Thread#|G1 (Conc|Main|Refine|Service)|Z[A-Z]|RuntimeWorker#|VM Thread).*");

  private final String flag;

  Collector(String flag) {
    this.flag = flag;
  }

  String flag() {
    return flag;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a thread of this name collects. */
  static boolean owns(String thread) {
    return THREADS.matcher(thread).matches();
  }

  /** The processor time that the threads of this JVM's collector have had so far, in nanoseconds. */
  static long cpuNanos() {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks
          .filter(task -> owns(Waiting.firstLine(task.resolve("comm"))))
          .mapToLong(task -> Math.max(Waiting.ofTask(task).runNanos(), 0))
          .sum();
    } catch (IOException noSuchAccount) {
      throw new UncheckedIOException(noSuchAccount);
    }
  }
}
