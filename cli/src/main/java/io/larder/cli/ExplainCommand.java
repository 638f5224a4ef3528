package io.larder.cli;

import io.larder.engine.Fate;
import io.larder.engine.KeyReport;
import io.larder.engine.Store;
import io.larder.mmap.ReadOnlyRegion;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The subcommand {@code explain}: why a key is in a shared file or is not. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Show why a key is in a shared file or is not: what became of it last, by which process ever.",
      "",
      "Only reads, beside those who use the file, takes none of their locks, and is no access to the key. The latest"
          + " removals and refusals are remembered, 8 bytes of each in one part of 2,048 of the file; of older ones"
          + " nothing is known. Exit code 0 whatever the answer is, 2 if the file cannot be opened.",
      ""
    })
final class ExplainCommand implements Callable<Integer> {
  private static final int CANNOT_OPEN = 2;

  private static final int MILLIS_PER_SECOND = 1_000;
  private static final int SECONDS_PER_MINUTE = 60;
  private static final int SECONDS_PER_HOUR = 3_600;
  private static final int SECONDS_PER_DAY = 86_400;

  @Mixin private FileArgument file = new FileArgument();

  @Parameters(index = "1", paramLabel = "KEY", description = "the key's text, which is encoded as UTF-8")
  private String key = "";

  @Option(names = "--hex", description = "KEY is the key's bytes in hexadecimal, two digits for each")
  private boolean hex;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    byte[] bytes = bytes();
    PrintWriter out = spec.commandLine().getOut();
    try (ReadOnlyRegion region = file.open()) {
      Store store = region.store();
      checkLength(bytes, store);
      KeyReport report = store.explain(store.hash(bytes, 0, bytes.length), bytes, 0, bytes.length);
      out.println(headline(report));
      out.println(meaning(report.fate()));
      out.flush();
      return 0;
    } catch (IOException unfit) {
      spec.commandLine().getErr().println("larder: " + FileArgument.reason(unfit));
      return CANNOT_OPEN;
    }
  }

  private byte[] bytes() {
    if (!hex) {
      return key.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return HexFormat.of().parseHex(key);
    } catch (IllegalArgumentException unfit) {
      throw new ParameterException(
          spec.commandLine(), "'" + key + "' is not bytes in hexadecimal such as 00ff7a", unfit);
    }
  }

  private void checkLength(byte[] bytes, Store store) {
    if (bytes.length > store.keyBytesMax()) {
      throw new ParameterException(
          spec.commandLine(), "KEY is " + bytes.length + " bytes, must be up to " + store.keyBytesMax());
    }
  }

  /** Such as {@code EVICTED 3.2 s ago}, or {@code PRESENT, version 17, for another 30.0 s}. */
  private static String headline(KeyReport report) {
    return report.fate()
        + (report.ageMillis() == KeyReport.NONE ? "" : " " + time(report.ageMillis()) + " ago")
        + (report.version() == 0 ? "" : ", version " + report.version())
        + (report.leftMillis() == KeyReport.NONE ? "" : ", for another " + time(report.leftMillis()));
  }

  static String time(long millis) {
    long seconds = millis / MILLIS_PER_SECOND;
    if (seconds < SECONDS_PER_MINUTE) {
      return String.format(Locale.ROOT, "%.1f s", millis / (double) MILLIS_PER_SECOND);
    }
    if (seconds < SECONDS_PER_HOUR) {
      return seconds / SECONDS_PER_MINUTE + " min " + seconds % SECONDS_PER_MINUTE + " s";
    }
    if (seconds < SECONDS_PER_DAY) {
      return seconds / SECONDS_PER_HOUR + " h " + seconds % SECONDS_PER_HOUR / SECONDS_PER_MINUTE + " min";
    }
    return seconds / SECONDS_PER_DAY + " d " + seconds % SECONDS_PER_DAY / SECONDS_PER_HOUR + " h";
  }

  static String meaning(Fate fate) {
    return switch (fate) {
      case UNKNOWN -> "It was never there, or that is too long ago.";
      case NOT_ADMITTED -> "It was put, and had to go at once: what was there is asked for more often.";
      case EVICTED -> "It made room for others.";
      case EXPIRED -> "Its time was over.";
      case REMOVED -> "Someone removed it.";
      case CLEARED -> "Someone removed all keys, it among them if it was there.";
      case TOO_LARGE -> "Its value was refused: it is larger than the file takes.";
      case NO_SPACE -> "Its value was refused: no room was found for it, whatever was evicted.";
      case FAILED_CHECKSUM -> "Its entry was damaged.";
      case PRESENT -> "It is there.";
      case BEING_LOADED -> "It is not there, and a process has begun to load it.";
    };
  }
}
