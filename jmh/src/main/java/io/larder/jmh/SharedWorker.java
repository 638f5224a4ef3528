package io.larder.jmh;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * One process of {@link SharedBench}. It opens its system, fills it if it is the first, makes sure that every entry is
 * there, and says {@code ready}. For each line with a number of nanoseconds it works so long, and says {@code did}, how
 * many operations and in how many nanoseconds.
 */
public final class SharedWorker {
  private static final int OPERATIONS_AT_ONCE = 256;

  private SharedWorker() {}

  /**
   * Works until its input ends.
   *
   * @param args system, load, entries, file, which process this is, and of how many
   * @throws IOException if its input cannot be read
   */
  public static void main(String[] args) throws IOException {
    SharedSystem system = SharedSystem.valueOf(args[0]);
    Load load = Load.valueOf(args[1]);
    int index = Integer.parseInt(args[4]);
    Loaded loaded = new Loaded();
    loaded.implementation = system.label();
    loaded.entries = Integer.parseInt(args[2]);
    loaded.take(system.open(Shape.usual(loaded.entries), Path.of(args[3])), index == 0);
    try {
      Caller caller = new Caller();
      caller.begin(loaded, index, Integer.parseInt(args[5]));
      System.out.println("ready");
      serve(load, caller);
    } finally {
      loaded.close();
    }
  }

  private static void serve(Load load, Caller caller) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      long nanos = Long.parseLong(line);
      long operations = 0;
      long begin = System.nanoTime();
      long passed = 0;
      while (passed < nanos) {
        load.run(caller, OPERATIONS_AT_ONCE);
        operations += OPERATIONS_AT_ONCE;
        passed = System.nanoTime() - begin;
      }
      System.out.println("did " + operations + " " + passed);
    }
  }
}
