package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.PartitionSlabsLayout;
import io.larder.allocator.RegionLayout;
import io.larder.allocator.SlabLayout;
import io.larder.engine.BucketLayout;
import io.larder.engine.ContinuationLayout;
import io.larder.engine.EntryLayout;
import io.larder.engine.PartitionLayout;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.StructLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Compares the tables of {@code docs/format.md} with the layout classes: each stands between a line {@code <!-- layout:
 * Name -->} and a line {@code <!-- end -->}.
 *
 * <p>Names, offsets and sizes are rendered; the last column, what a field means, is a person's and is kept. With {@code
 * -Dlarder.docs.write=true} the tables are written instead of compared.
 */
class FormatDocumentTest {
  private static final String WRITE_PROPERTY = "larder.docs.write";
  private static final String BEGIN = "<!-- layout: ";
  private static final String BEGIN_END = " -->";
  private static final String END = "<!-- end -->";
  private static final String PADDING = "(unused)";

  private static final Map<String, StructLayout> LAYOUTS = layouts();

  private static Map<String, StructLayout> layouts() {
    Map<String, StructLayout> layouts = new LinkedHashMap<>();
    layouts.put("RegionLayout", RegionLayout.LAYOUT);
    layouts.put("FileLayout", FileLayout.LAYOUT);
    layouts.put("AttachmentLayout", AttachmentLayout.LAYOUT);
    layouts.put("ProcessCounters", ProcessCounters.LAYOUT);
    layouts.put("PartitionLayout", PartitionLayout.LAYOUT);
    layouts.put("PartitionSlabsLayout", PartitionSlabsLayout.LAYOUT);
    layouts.put("SlabLayout", SlabLayout.LAYOUT);
    layouts.put("BucketLayout", BucketLayout.LAYOUT);
    layouts.put("EntryLayout", EntryLayout.LAYOUT);
    layouts.put("ContinuationLayout", ContinuationLayout.LAYOUT);
    return layouts;
  }

  @Test
  void tablesAreThoseOfTheLayouts() throws IOException {
    Path document = document();
    List<String> written = Files.readAllLines(document);
    List<String> rendered = render(written);
    if (Boolean.getBoolean(WRITE_PROPERTY)) {
      Files.write(document, rendered);
      return;
    }
    assertThat(written).as("%s; -D%s=true writes its tables", document, WRITE_PROPERTY).isEqualTo(rendered);
  }

  @Test
  void everyLayoutHasOneTable() throws IOException {
    List<String> named =
        Files.readAllLines(document()).stream()
            .filter(FormatDocumentTest::beginsTable)
            .map(FormatDocumentTest::layoutName)
            .toList();
    assertThat(named).containsExactlyInAnyOrderElementsOf(LAYOUTS.keySet());
  }

  @Test
  void everyFieldHasAMeaning() throws IOException {
    boolean inTable = false;
    for (String line : Files.readAllLines(document())) {
      inTable = (inTable || beginsTable(line)) && !line.equals(END);
      if (inTable && isField(line)) {
        assertThat(meaning(line)).as(line).isNotEmpty();
      }
    }
  }

  /** The document, from the module's folder or from the root of the source tree. */
  private static Path document() {
    Path fromModule = Path.of("..", "docs", "format.md");
    return Files.exists(fromModule) ? fromModule : Path.of("docs", "format.md");
  }

  private static List<String> render(List<String> lines) {
    List<String> rendered = new ArrayList<>();
    int line = 0;
    while (line < lines.size()) {
      String text = lines.get(line++);
      rendered.add(text);
      if (!beginsTable(text)) {
        continue;
      }
      Map<String, String> meanings = new HashMap<>();
      while (line < lines.size() && !lines.get(line).equals(END)) {
        String row = lines.get(line++);
        if (isField(row)) {
          meanings.put(field(row), meaning(row));
        }
      }
      rendered.addAll(table(layoutName(text), meanings));
    }
    return rendered;
  }

  private static boolean beginsTable(String line) {
    return line.startsWith(BEGIN) && line.endsWith(BEGIN_END);
  }

  private static String layoutName(String line) {
    return line.substring(BEGIN.length(), line.length() - BEGIN_END.length());
  }

  private static boolean isField(String row) {
    return row.startsWith("| `");
  }

  private static String field(String row) {
    return row.substring(row.indexOf('`') + 1, row.lastIndexOf('`', row.indexOf('|', 1)));
  }

  private static String meaning(String row) {
    String[] cells = row.split(" \\| ", 4);
    return cells[3].substring(0, cells[3].lastIndexOf('|')).strip();
  }

  private static List<String> table(String name, Map<String, String> meanings) {
    StructLayout layout = Objects.requireNonNull(LAYOUTS.get(name), name);
    List<String> rows = new ArrayList<>();
    rows.add("| field | offset | bytes | meaning |");
    rows.add("|---|--:|--:|---|");
    long offset = 0;
    for (MemoryLayout member : layout.memberLayouts()) {
      boolean padding = member instanceof PaddingLayout;
      String field = member.name().orElse("");
      rows.add(
          "| %s | %d | %s | %s |"
              .formatted(
                  padding ? PADDING : "`" + field + "`",
                  offset,
                  bytes(member),
                  padding ? "" : meanings.getOrDefault(field, "")));
      offset += member.byteSize();
    }
    rows.add("| **all** | | %d | |".formatted(layout.byteSize()));
    return rows;
  }

  private static String bytes(MemoryLayout member) {
    return member instanceof SequenceLayout sequence
        ? "%d × %d".formatted(sequence.elementCount(), sequence.elementLayout().byteSize())
        : Long.toString(member.byteSize());
  }
}
