package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the operating system counts: the memory of a process stays within what it was before the store was opened and
 * the budget, and a fiftieth of that, while ten times the budget is written.
 *
 * <p>A JVM of its own does the writing, with a heap that is resident from the start and has been through the same
 * before on a small store, so that its own memory does not grow meanwhile.
 */
class ResidentMemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final long MIB = 1 << 20;
  private static final long BUDGET_BYTES = 256 * MIB;
  private static final long SMALL_BYTES = 8 * MIB;
  private static final int WRITES_BETWEEN_LOOKS = 100;

  @TempDir
  Path directory;

  @Test
  void staysWithinTheBudgetWhileTenTimesOfItIsWritten() throws Exception {
    assumeTrue(Files.isReadable(STATUS) && Files.readString(STATUS).contains(RESIDENT), "no VmRSS in " + STATUS);
    Path output = directory.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-ea",
            "-Xms32m",
            "-Xmx32m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Writer.class.getName(),
            Long.toString(TestSeed.random("ResidentMemoryTest").nextLong()));
    // The JVM announces options taken from these variables on its standard error.
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    // So that what the small stores had is given back to the operating system, and not counted to the base.
    builder.environment().put("MALLOC_MMAP_THRESHOLD_", Long.toString(MIB));
    int code = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start().waitFor();
    String said = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(code).as("exit code; output: %s", said).isZero();
    long[] resident = said.lines().mapToLong(Long::parseLong).toArray();
    long base = resident[0];
    long most = resident[1];
    System.out.println("budget of " + BUDGET_BYTES + " bytes, base " + base + ", beside it " + (most - base));
    assertThat(most - base)
        .as("bytes that are resident beside the base of %d", base)
        .isBetween(BUDGET_BYTES / 2, BUDGET_BYTES + BUDGET_BYTES / 50);
  }

  /** The process that writes. It says the resident bytes before and the most of them afterwards. */
  static final class Writer {
    private static final int KEY_BYTES = 24;

    private final SplittableRandom random;
    private final byte[] key = new byte[KEY_BYTES];
    private final byte[] value = new byte[(int) MIB];
    private final PutSpec spec = new PutSpec();
    private long most;

    private Writer(long seed) {
      random = new SplittableRandom(seed);
      random.nextBytes(value);
    }

    public static void main(String[] arguments) {
      Writer writer = new Writer(Long.parseLong(arguments[0]));
      // As many writes as later on: what the JVM compiles or loads for them is there then.
      for (long round = 0; round < BUDGET_BYTES / SMALL_BYTES; round++) {
        writer.write(SMALL_BYTES);
      }
      long base = residentBytes();
      writer.most = 0;
      writer.write(BUDGET_BYTES);
      System.out.println(base);
      System.out.println(writer.most);
    }

    private void write(long budget) {
      try (Store store = Store.open(StoreOptions.ofMemory(budget).withHashSeed(random.nextLong()))) {
        long written = 0;
        for (int number = 0; written < 10 * budget; number++) {
          int length = (int) Math.pow(value.length, random.nextDouble());
          ByteBuffer.wrap(key).putInt(0, random.nextInt(5) == 0 ? number / 2 : number);
          long hash = store.hash(key, 0, KEY_BYTES);
          store.put(hash, key, 0, KEY_BYTES, value, 0, length, spec);
          store.get(hash, key, 0, KEY_BYTES, value, 0, value.length);
          written += length;
          if (number % WRITES_BETWEEN_LOOKS == 0) {
            most = Math.max(most, residentBytes());
          }
        }
        most = Math.max(most, residentBytes());
      }
    }

    private static long residentBytes() {
      try {
        for (String line : Files.readAllLines(STATUS)) {
          if (line.startsWith(RESIDENT)) {
            return Long.parseLong(line.replaceAll("\\D", "")) << 10;
          }
        }
        throw new IllegalStateException("no " + RESIDENT);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
