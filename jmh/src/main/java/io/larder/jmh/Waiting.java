package io.larder.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * How long a thread was ready to run and had no processor, by the system's own account. On a busy machine that is part
 * of every lag, and no fault of who is measured.
 */
final class Waiting {
  /** No account of it is kept. */
  static final long UNKNOWN = -1;

  private static final String ACCOUNT = "schedstat";

  private final Path account;

  private Waiting(Path account) {
    this.account = account;
  }

  /** Of the first thread of a process. */
  static Waiting ofProcess(long pid) {
    return new Waiting(Path.of("/proc", Long.toString(pid), ACCOUNT));
  }

  /** Of a thread, by its directory. */
  static Waiting ofTask(Path task) {
    return new Waiting(task.resolve(ACCOUNT));
  }

  /** Of the thread of this process that has a name of up to 15 characters. */
  static Waiting ofThread(String name) {
    Path none = Path.of("/proc/self/task", name, ACCOUNT);
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return new Waiting(
          tasks.filter(task -> name.equals(firstLine(task.resolve("comm"))))
              .map(task -> task.resolve(ACCOUNT))
              .findFirst()
              .orElse(none));
    } catch (IOException noSuchAccount) {
      return new Waiting(none);
    }
  }

  /** The nanoseconds so far, or {@link #UNKNOWN}. */
  long nanos() {
    return nanos(firstLine(account));
  }

  /** The second of the three numbers: time run, time waited, turns. */
  static long nanos(String account) {
    return number(account, 1);
  }

  /** The nanoseconds for which it ran so far, or {@link #UNKNOWN}. */
  long runNanos() {
    return number(firstLine(account), 0);
  }

  private static long number(String account, int index) {
    String[] numbers = account.split(" ", -1);
    return numbers.length == 3 && numbers[index].matches("[0-9]+") ? Long.parseLong(numbers[index]) : UNKNOWN;
  }

  static String firstLine(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException gone) {
      return "";
    }
  }
}
