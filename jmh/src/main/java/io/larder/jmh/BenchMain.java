package io.larder.jmh;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The command {@code larder bench}: runs a benchmark by name and reports. Exit code 0 whatever it found, 1 when
 * a file cannot be read or written, 2 when called wrongly.
 */
public final class BenchMain {
  private static final List<String> SYNOPSIS =
      List.of(
          "usage: larder bench NAME [--quick] [--json FILE] [--forks N] [--only NAME,..] [--entries N,..]",
          "                         [--dir DIRECTORY] [--traces DIRECTORY] [--csv FILE] [--plot DIRECTORY]",
          "       larder bench all --report DIRECTORY [--quick] [--forks N] [--dir DIRECTORY] [--traces DIRECTORY]",
          "       larder bench report --report DIRECTORY",
          "       larder bench jmh ARGUMENTS of JMH itself",
          "",
          "Measures Larder beside its peers in the same run: prints tables and ends with a line per goal.",
          "");

  private static final List<String> OPTIONS =
      List.of(
          "",
          "  --quick   at most 5 minutes for each: fewer and shorter runs",
          "  --json    write the raw results to FILE, with commit, machine, JVM and flags",
          "  --forks   JVMs per case",
          "  --only    implementations: " + Implementation.labels(),
          "  --entries other numbers of entries",
          "  --dir     where shared, recovery, silence, tierratio, tiers, gc and remote put their files while they",
          "            run: /dev/shm if there is one; and safepoints, which wants a disk: the directory for temporary",
          "            files",
          "  --traces  for hitratio, cost and tierratio: play the files NAME.ltrc and NAME.ltrc.xz there, instead of",
          "            generated traces",
          "  --csv     for hitratio and cost: write every number to FILE",
          "  --plot    for hitratio: draw a picture for each trace, NAME.svg in DIRECTORY",
          "  --report  for all: raw results go to DIRECTORY/results, pages of them to DIRECTORY/report.md and .html;",
          "            for report: only the pages, anew, of the newest results there");

  private static final int NAME_COLUMNS = 12;
  private static final int COLUMNS = 110;

  private BenchMain() {}

  /**
   * Runs one benchmark.
   *
   * @param args the name and the options
   * @throws IOException if JMH fails to write
   */
  public static void main(String[] args) throws IOException {
    // Not System.out: its encoding is the terminal's, and the lines of the goals have the same bytes everywhere.
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    if (args.length > 0 && args[0].equals("jmh")) {
      org.openjdk.jmh.Main.main(Arrays.copyOfRange(args, 1, args.length));
      return;
    }
    if (Arrays.asList(args).contains("--help") || Arrays.asList(args).contains("-h")) {
      usage().forEach(out::println);
      return;
    }
    int exitCode = 0;
    try {
      run(Arguments.parse(args), out, err);
    } catch (IllegalArgumentException e) {
      err.println("larder bench: " + e.getMessage());
      usage().forEach(err::println);
      exitCode = 2;
    } catch (IOException e) {
      err.println("larder bench: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
      exitCode = 1;
    }
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  private static void run(Arguments arguments, PrintStream out, PrintStream err) throws IOException {
    Progress progress = new Progress(err);
    Optional<Bench> one = Bench.of(arguments.name());
    if (one.isPresent()) {
      RawResults.headline(arguments, one.get(), out);
      RawResults.run(arguments, one.get(), progress, arguments.json()).print(out);
    } else {
      AllBench all = new AllBench(arguments, progress, out);
      if (arguments.name().equals(Arguments.ALL)) {
        all.run();
      }
      all.writePages();
    }
  }

  private static List<String> usage() {
    List<String> lines = new ArrayList<>(SYNOPSIS);
    for (Bench bench : Bench.values()) {
      addUsage(bench.label(), bench.about(), lines);
    }
    addUsage(Arguments.ALL, "all of these one after the other, which takes hours, and pages of what they found", lines);
    lines.addAll(OPTIONS);
    return lines;
  }

  private static void addUsage(String name, String about, List<String> lines) {
    String indent = " ".repeat(NAME_COLUMNS);
    String head = "  " + name + indent;
    StringBuilder line = new StringBuilder(head.substring(0, Math.max(NAME_COLUMNS, name.length() + 4)));
    for (String word : about.split(" ", -1)) {
      if (line.length() + word.length() > COLUMNS) {
        lines.add(line.toString().stripTrailing());
        line = new StringBuilder(indent);
      }
      line.append(word).append(' ');
    }
    lines.add(line.toString().stripTrailing());
  }
}
