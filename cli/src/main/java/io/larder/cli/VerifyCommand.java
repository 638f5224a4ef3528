package io.larder.cli;

import io.larder.engine.VerifyReport;
import io.larder.mmap.ReadOnlyRegion;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The subcommand {@code verify}: checks a shared file, online. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Check all of a shared file, while others use it or not.",
      "",
      "Every slot of the index with its entry, every chain, every checksum if the file has them; in each partition that"
          + " rests for a moment its counts, lists and bitmaps; and that each slab is in one place. Only reads, and"
          + " takes no locks: what seems wrong counts when it is seen again with nothing changed. What could not be"
          + " judged is named. Exit code 0 if sound, 1 if not, 2 if the file cannot be opened.",
      ""
    })
final class VerifyCommand implements Callable<Integer> {
  private static final int SOUND = 0;
  private static final int UNSOUND = 1;
  private static final int CANNOT_OPEN = 2;

  @Mixin private FileArgument file = new FileArgument();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    try (ReadOnlyRegion region = file.open()) {
      return report(region.store().verify());
    } catch (IOException unfit) {
      spec.commandLine().getErr().println("larder: " + FileArgument.reason(unfit));
      return CANNOT_OPEN;
    }
  }

  private int report(VerifyReport report) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        String.format(
            Locale.ROOT,
            "entries=%d buckets=%d furtherBlocks=%d checksums=%d slabs=%d partitions=%d of %d",
            report.entries(), report.buckets(), report.furtherBlocks(), report.checksums(), report.slabs(),
            report.partitionsJudged(), report.partitions()));
    report.unjudged().forEach(line -> out.println("not judged: " + line));
    report.findings().forEach(line -> out.println("wrong: " + line));
    out.println(report.isSound() ? "verify=ok" : "verify=failed findings=" + report.findings().size());
    out.flush();
    return report.isSound() ? SOUND : UNSOUND;
  }
}
