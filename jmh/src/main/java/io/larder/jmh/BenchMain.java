package io.larder.jmh;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;

/** The entry of the benchmarks' jar: lists the benchmarks, or hands its arguments to JMH. */
public final class BenchMain {

  private BenchMain() {}

  /**
   * Lists the benchmarks when called without arguments, else runs JMH with them.
   *
   * @param args JMH's arguments
   * @throws IOException if the list in the jar cannot be read, or JMH fails to write
   */
  public static void main(String[] args) throws IOException {
    if (args.length > 0) {
      org.openjdk.jmh.Main.main(args);
      return;
    }
    List<String> names = benchmarks();
    System.out.println("benchmarks: " + (names.isEmpty() ? "none" : ""));
    names.forEach(name -> System.out.println("  " + name));
  }

  private static List<String> benchmarks() throws IOException {
    InputStream list = BenchMain.class.getResourceAsStream(BenchmarkList.BENCHMARK_LIST);
    if (list == null) {
      return List.of();
    }
    try (BufferedReader reader = new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8))) {
      return reader.lines().map(BenchmarkListEntry::new).map(BenchmarkListEntry::getUsername).sorted().toList();
    }
  }
}
