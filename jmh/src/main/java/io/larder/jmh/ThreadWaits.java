package io.larder.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** How long the threads of this process that there were at first wait for a processor. For one thread. */
final class ThreadWaits {
  private final List<Waiting> threads;
  private final long[] atBegin;

  /** Of the threads that there are now. */
  ThreadWaits() {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      threads = tasks.map(Waiting::ofTask).toList();
    } catch (IOException noSuchAccount) {
      throw new UncheckedIOException(noSuchAccount);
    }
    atBegin = new long[threads.size()];
  }

  /** Begins to count anew. */
  void begin() {
    Arrays.setAll(atBegin, i -> threads.get(i).nanos());
  }

  /** The longest that one of them has waited since, in nanoseconds; 0 where no account is kept. */
  long longestNanos() {
    long longest = 0;
    for (int i = 0; i < atBegin.length; i++) {
      longest = Math.max(longest, threads.get(i).nanos() - atBegin[i]);
    }
    return longest;
  }
}
