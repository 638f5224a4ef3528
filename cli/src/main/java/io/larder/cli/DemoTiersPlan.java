package io.larder.cli;

import java.nio.file.Path;
import java.util.List;

/**
 * A run of {@code demo tiers}.
 *
 * @param run its work; the budget is that of the memory
 * @param index what is known of the image, {@link JdkImage#save}
 * @param file the second tier
 * @param fileBytes its size
 * @param compress whether values in the file are compressed
 */
record DemoTiersPlan(DemoPlan run, Path index, Path file, long fileBytes, boolean compress) {
  /** The plan as a worker's arguments. */
  List<String> arguments() {
    return List.of(
        Long.toString(run.budgetBytes()),
        Long.toString(run.warmupMillis()),
        Long.toString(run.measureMillis()),
        Integer.toString(run.threads()),
        Long.toString(run.seed()),
        index.toString(),
        file.toString(),
        Long.toString(fileBytes),
        Boolean.toString(compress));
  }

  /** The plan of which these are the arguments. */
  static DemoTiersPlan parse(List<String> arguments) {
    DemoPlan run =
        new DemoPlan(
            Long.parseLong(arguments.get(0)),
            Long.parseLong(arguments.get(1)),
            Long.parseLong(arguments.get(2)),
            Integer.parseInt(arguments.get(3)),
            Long.parseLong(arguments.get(4)));
    return new DemoTiersPlan(
        run,
        Path.of(arguments.get(5)),
        Path.of(arguments.get(6)),
        Long.parseLong(arguments.get(7)),
        Boolean.parseBoolean(arguments.get(8)));
  }
}
