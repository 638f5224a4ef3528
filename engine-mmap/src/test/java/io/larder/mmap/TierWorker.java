package io.larder.mmap;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A process with a tier, started beside a test: {@code FILE BYTES WAIT}. It says whether it has opened the file, and
 * then does what the lines of its standard input say, a line for each.
 */
final class TierWorker {
  /** What it says is for its parent, and nothing else. */
  private static final Logger LOGGER = Logger.getLogger("io.larder.nativeaccess");

  private TierWorker() {}

  public static void main(String[] arguments) throws Exception {
    LOGGER.setLevel(Level.OFF);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    PrintStream out = new PrintStream(System.out, true, UTF_8);
    long bytes = Long.parseLong(arguments[1]);
    try (TierRegion tier =
        TierRegion.open(Path.of(arguments[0]), bytes, Worker.options(bytes), Duration.parse(arguments[2]))) {
      out.println("open " + tier.created());
      for (String line = in.readLine(); line != null && !line.equals("close"); line = in.readLine()) {
        String[] words = line.split(" ", -1);
        out.println(
            words[0].equals("put")
                ? Values.put(tier.store(), words[1], words[2]) > 0 ? "stored" : "not stored"
                : Objects.requireNonNullElse(Values.get(tier.store(), words[1]), "absent"));
      }
    } catch (RegionFileException refusal) {
      out.println("refused " + refusal.reason() + " " + refusal.getMessage());
      return;
    }
    out.println("closed");
  }
}
