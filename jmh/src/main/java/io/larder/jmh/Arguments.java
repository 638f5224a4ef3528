package io.larder.jmh;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for on the command line.
 *
 * @param name the benchmark's name
 * @param quick whether to stay within five minutes
 * @param forks number of JVMs per case, 0 for the usual
 * @param json where to write the raw results, or null
 * @param only the implementations to run
 * @param entries the numbers of entries to run with; empty for the usual
 * @param directory where to put files that are shared, or null for the usual
 * @param traces where traces are read from, or null for the generated ones
 * @param csv where to write every hit ratio or cost, or null
 * @param plot where to put pictures, or null
 * @param report the folder of a report, or null
 * @param options the options as they were given, without those that say where the results go
 */
record Arguments(
    String name,
    boolean quick,
    int forks,
    @Nullable Path json,
    Set<Implementation> only,
    List<Integer> entries,
    @Nullable Path directory,
    @Nullable Path traces,
    @Nullable Path csv,
    @Nullable Path plot,
    @Nullable Path report,
    List<String> options) {
  /** All benchmarks, one after the other. */
  static final String ALL = "all";

  /** No benchmark: the pages of those that have been run. */
  static final String REPORT = "report";

  private static final Set<String> PLACES = Set.of("--json", "--csv", "--plot", "--report");
  private static final int FORKS_MAX = 50;
  private static final int ENTRIES_MAX = 100_000_000;

  /**
   * @throws IllegalArgumentException naming the argument that is wrong
   */
  static Arguments parse(String... args) {
    String name = "";
    boolean quick = false;
    int forks = 0;
    Path json = null;
    Path directory = null;
    Path traces = null;
    Path csv = null;
    Path plot = null;
    Path report = null;
    Set<Implementation> only = EnumSet.allOf(Implementation.class);
    List<Integer> entries = new ArrayList<>();
    Iterator<String> rest = List.of(args).iterator();
    while (rest.hasNext()) {
      String arg = rest.next();
      switch (arg) {
        case "--quick" -> quick = true;
        case "--forks" -> forks = number("--forks", value(arg, rest), FORKS_MAX);
        case "--json" -> json = writable(arg, Path.of(value(arg, rest)));
        case "--csv" -> csv = writable(arg, Path.of(value(arg, rest)));
        case "--dir" -> directory = directory(arg, Path.of(value(arg, rest)));
        case "--plot" -> plot = directory(arg, Path.of(value(arg, rest)));
        case "--report" -> report = Path.of(value(arg, rest));
        case "--traces" -> traces = readable(arg, Path.of(value(arg, rest)));
        case "--only" -> {
          only = EnumSet.noneOf(Implementation.class);
          for (String label : value(arg, rest).split(",", -1)) {
            only.add(Implementation.of(label));
          }
        }
        case "--entries" -> {
          for (String count : value(arg, rest).split(",", -1)) {
            entries.add(number("--entries", count.replace("_", ""), ENTRIES_MAX));
          }
        }
        default -> {
          if (arg.startsWith("-")) {
            throw new IllegalArgumentException("unknown option " + arg);
          }
          if (!name.isEmpty()) {
            throw new IllegalArgumentException("one name at a time, got " + name + " and " + arg);
          }
          name = arg;
        }
      }
    }
    boolean several = name.equals(ALL) || name.equals(REPORT);
    if (!several && Bench.of(name).isEmpty()) {
      throw new IllegalArgumentException(
          name.isEmpty() ? "the name of a benchmark is missing" : "there is no benchmark " + name);
    }
    if (several != (report != null)) {
      throw new IllegalArgumentException("--report belongs to " + ALL + " and " + REPORT + ", which need it");
    }
    if (several && (json != null || csv != null || plot != null)) {
      throw new IllegalArgumentException("--json, --csv and --plot say where one benchmark's results go");
    }
    return new Arguments(
        name, quick, forks, json, only, List.copyOf(entries), directory, traces, csv, plot, report, options(args));
  }

  /** What measures the same, whatever becomes of the results. */
  private static List<String> options(String... args) {
    List<String> options = new ArrayList<>();
    for (Iterator<String> rest = List.of(args).iterator(); rest.hasNext(); ) {
      String arg = rest.next();
      if (PLACES.contains(arg)) {
        rest.next();
      } else if (arg.startsWith("-")) {
        options.add(arg);
        if (!arg.equals("--quick")) {
          options.add(rest.next());
        }
      }
    }
    return List.copyOf(options);
  }

  /** The command that runs one benchmark as these have it. */
  String command(Bench bench) {
    return String.join(" ", Stream.concat(Stream.of("./larder", "bench", bench.label()), options.stream()).toList());
  }

  /** The numbers of entries asked for, or the usual ones. */
  List<Integer> entriesOr(Integer... usual) {
    return entries.isEmpty() ? List.of(usual) : entries;
  }

  /** Whether all implementations are wanted: systems that are none of them run then, too. */
  boolean isUnrestricted() {
    return only.size() == Implementation.values().length;
  }

  private static Path directory(String option, Path directory) {
    if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
      throw new IllegalArgumentException(option + "=" + directory + ", must be a directory that can be written to");
    }
    return directory;
  }

  private static Path readable(String option, Path directory) {
    if (!Files.isDirectory(directory) || !Files.isReadable(directory)) {
      throw new IllegalArgumentException(option + "=" + directory + ", must be a directory that can be read");
    }
    return directory;
  }

  /** Better now than after the measurement. */
  private static Path writable(String option, Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isWritable(folder) || Files.isDirectory(file)) {
      throw new IllegalArgumentException(option + "=" + file + ", cannot be written");
    }
    return file;
  }

  private static String value(String option, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return rest.next();
  }

  private static int number(String option, String text, int max) {
    int number;
    try {
      number = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + "=" + text + ", must be a number", e);
    }
    if (number < 1 || number > max) {
      throw new IllegalArgumentException(option + "=" + text + ", must be 1.." + max);
    }
    return number;
  }
}
