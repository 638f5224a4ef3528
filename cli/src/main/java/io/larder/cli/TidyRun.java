package io.larder.cli;

import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** A run that leaves neither processes nor scratch files behind, also when this JVM is told to end meanwhile. */
final class TidyRun {
  private static final int INTERRUPTED = 130;

  private final Processes processes;
  private final ScratchFiles files;

  /** What the run has started. */
  interface Processes extends AutoCloseable {
    /** Whether they were ended early. */
    boolean isClosed();

    /** Ends them. Any thread. */
    @Override
    void close();
  }

  /** What is run. */
  interface Work {
    /**
     * Does it.
     *
     * @return whether all was well
     * @throws IllegalArgumentException for a mistake of the caller's
     */
    boolean run() throws IOException, InterruptedException;
  }

  TidyRun(Processes processes, ScratchFiles files) {
    this.processes = processes;
    this.files = files;
  }

  /** Runs it, and returns the exit code of the command. */
  int run(Work work, CommandLine command) throws IOException, InterruptedException {
    Thread cleaning = new Thread(this::cleanUp, "demo-cleaning");
    Runtime.getRuntime().addShutdownHook(cleaning);
    try {
      return work.run() ? 0 : 1;
    } catch (IllegalArgumentException unfit) {
      throw new ParameterException(command, unfit.getMessage(), unfit);
    } catch (IOException failure) {
      if (processes.isClosed()) {
        return INTERRUPTED;
      }
      throw failure;
    } finally {
      if (!processes.isClosed()) {
        Runtime.getRuntime().removeShutdownHook(cleaning);
        cleanUp();
      }
    }
  }

  private void cleanUp() {
    processes.close();
    try {
      files.close();
    } catch (IOException failure) {
      System.err.println("larder: cannot delete all temporary files: " + failure);
    }
  }
}
