package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Commands that run a process among mounts or process numbers of its own, as far as this machine permits it. */
final class Namespace {
  /** A user that is root in there, and mounts that nobody else sees. */
  private static final List<String> MOUNTS = List.of("unshare", "--user", "--map-root-user", "--mount");

  /** The same, process numbers that start at 1, and a /proc of them. It ends when the command's process is killed. */
  private static final List<String> PROCESSES =
      List.of("unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc");

  private static final long WAIT_SECONDS = 60;

  private Namespace() {}

  /**
   * A command that makes its mounts by a shell script and goes on to another, whose words the script has as
   * {@code "$@"}.
   */
  static List<String> withMounts(String script, List<String> command) {
    return joined(MOUNTS, List.of("/bin/sh", "-e", "-c", script, "sh"), command);
  }

  /** A command that is process 1. */
  static List<String> asProcessOne(List<String> command) {
    return joined(PROCESSES, command);
  }

  /** Skips the test, with the reason, on a machine that has no such namespaces for this user. */
  static void assumePermitted(List<String> command) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException absent) {
      abort("no namespaces here: " + absent.getMessage());
      return;
    }
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).as("has ended").isTrue();
      if (process.exitValue() != 0) {
        abort("namespaces are not permitted here: " + String.join(" ", command) + ": " + said);
      }
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    } finally {
      process.destroyForcibly();
    }
  }

  @SafeVarargs
  private static List<String> joined(List<String>... parts) {
    List<String> all = new ArrayList<>();
    for (List<String> part : parts) {
      all.addAll(part);
    }
    return all;
  }
}
