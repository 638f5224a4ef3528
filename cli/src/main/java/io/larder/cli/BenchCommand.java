package io.larder.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The subcommand {@code bench}, for the list of commands: the launcher {@code ./larder} runs it from a jar of its
 * own, with the peers and the flags that they need, and never comes here.
 */
@Command(
    name = "bench",
    description =
        "Measure Larder beside its peers: get, put, mixed, batch, memory, growth, evict, expiry,"
        + " shared, recovery, hitratio, cost. See ./larder bench --help.")
final class BenchCommand implements Callable<Integer> {
  @Parameters(arity = "0..*", hidden = true)
  private List<String> arguments = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "bench " + String.join(" ", arguments) + ": run it by ./larder in the source tree");
  }
}
