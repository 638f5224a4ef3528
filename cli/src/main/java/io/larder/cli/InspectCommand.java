package io.larder.cli;

import io.larder.mmap.ReadOnlyRegion;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The subcommand {@code inspect}: what is in a shared file. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Show what is in a shared file: what it says of itself, who is attached and lives, partitions, slabs, where each"
          + " byte goes, and when entries expire.",
      "",
      "Only reads, beside those who use the file, and takes none of their locks. Counts are glances. Reads the index"
          + " and the start of every entry. Exit code 2 if the file cannot be opened.",
      ""
    })
final class InspectCommand implements Callable<Integer> {
  private static final int CANNOT_OPEN = 2;

  @Mixin private FileArgument file = new FileArgument();

  @Option(names = "--json", description = "print JSON, for programs")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (ReadOnlyRegion region = file.open()) {
      if (json) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("file", region.describe());
        all.put("attachments", region.attachments());
        all.put("content", region.store().inspect());
        out.println(RecordJson.write(all));
      } else {
        new InspectText(region.describe(), region.attachments(), region.store().inspect())
            .lines()
            .forEach(out::println);
      }
      out.flush();
      return 0;
    } catch (IOException unfit) {
      spec.commandLine().getErr().println("larder: " + FileArgument.reason(unfit));
      return CANNOT_OPEN;
    }
  }
}
