package io.larder.jmh.report;

import java.util.ArrayList;
import java.util.List;

/** Writes a page as Markdown; its pictures are files beside it. */
final class MarkdownPage {
  private static final String FENCE = "```";

  private final List<String> lines = new ArrayList<>();

  private MarkdownPage() {}

  static String write(Page page) {
    MarkdownPage markdown = new MarkdownPage();
    markdown.writeHead(page);
    page.sections().forEach(markdown::write);
    return String.join("\n", markdown.lines) + "\n";
  }

  private void writeHead(Page page) {
    add("# " + Page.TITLE, "", "Made by `./larder bench report` from the files in [results](results).", "");
    Page.METHOD.forEach(paragraph -> add(paragraph, ""));
    add("More in [method.md](method.md).", "");
    page.machines().forEach(machine -> add("- " + machine));
    add("", "## In short", "");
    lines.addAll(Summary.markdown(page.summary()));
    add("", Page.SUMMARY);
    addList("Where Larder loses", page.losses());
    addList("What was not measured", page.absent());
    add("", "## Peers", "", "| name | version | what | configured, and why |", "|---|---|---|---|");
    page.peers()
        .forEach(
            peer ->
                add("| %s | %s | %s | %s |".formatted(peer.name(), peer.version(), peer.what(), peer.configuration())));
  }

  private void write(Section section) {
    add("", "## " + section.title(), "", section.about(), "");
    section.origin().forEach(line -> add("- " + line));
    for (Figure figure : section.figures()) {
      add("", "![%s](plots/%s)".formatted(figure.caption(), figure.file()), "", figure.caption());
    }
    addBlock(section.tables());
    addBlock(section.failures());
    addBlock(section.goals());
  }

  private void addList(String title, List<String> items) {
    add("", "## " + title, "");
    items.forEach(item -> add("- " + item));
    if (items.isEmpty()) {
      add("Nothing.");
    }
  }

  private void addBlock(List<String> block) {
    if (!block.isEmpty()) {
      add("", FENCE);
      lines.addAll(block);
      add(FENCE);
    }
  }

  private void add(String... more) {
    lines.addAll(List.of(more));
  }
}
