package io.larder.cli;

import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code larder} command line: chooses the subcommand and turns its result into the exit code. */
@Command(
    name = "larder",
    description = "Larder, an off-heap tiered cache engine for the JVM.",
    mixinStandardHelpOptions = true,
    subcommands = {
      DemoCommand.class,
      TortureCommand.class,
      InspectCommand.class,
      VerifyCommand.class,
      StatCommand.class,
      ExplainCommand.class,
      ResizeCommand.class,
      BenchCommand.class
    },
    versionProvider = Main.Version.class)
final class Main implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /**
   * Runs the command. Exits with 0 on success, 1 when the command failed, 2 when it was called wrongly.
   *
   * @param args the subcommand and its options
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command with its subcommands. What goes wrong is said in one line, not by a stack trace. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(
            (failure, command, result) -> {
              String reason = Objects.requireNonNullElse(failure.getMessage(), failure.toString());
              command.getErr().println("larder: " + reason);
              return ExitCode.SOFTWARE;
            });
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a subcommand is missing");
  }

  /** The version written into the jar's manifest by the build. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "unpackaged");
      return new String[] {"larder " + version};
    }
  }
}
