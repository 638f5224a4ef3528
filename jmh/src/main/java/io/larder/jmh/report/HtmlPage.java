package io.larder.jmh.report;

import java.util.Base64;
import java.util.List;

/** Writes a page as HTML: one file, with its pictures in it, that needs nothing from elsewhere. */
final class HtmlPage {
  private static final String STYLE =
      """
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
      pre { background: #f5f5f2; padding: .8rem; overflow-x: auto; font-size: 13px; }
      table { border-collapse: collapse; }
      th, td { padding: .2rem .7rem; border-bottom: 1px solid #ddd; text-align: left; }
      .ok { color: #1a7f37; }
      .short { color: #b35900; }
      figure { margin: 1rem 0; }
      img { max-width: 100%; height: auto; }
      figcaption, .origin { color: #666; font-size: 14px; } nav a { margin-right: .8rem; }
      """;

  private final StringBuilder html = new StringBuilder();

  private HtmlPage() {}

  static String write(Page page) {
    HtmlPage writer = new HtmlPage();
    writer.writeHead(page);
    page.sections().forEach(writer::write);
    writer.html.append("</body>\n</html>\n");
    return writer.html.toString();
  }

  private void writeHead(Page page) {
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
        .append(Page.TITLE)
        .append("</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n");
    element("h1", Page.TITLE);
    html.append("<nav>");
    page.sections()
        .forEach(
            section ->
                html.append("<a href=\"#").append(escape(section.title())).append("\">")
                    .append(escape(section.title())).append("</a> "));
    html.append("</nav>\n");
    Page.METHOD.forEach(paragraph -> element("p", paragraph));
    list("origin", page.machines());
    element("h2", "In short");
    table(page.summary());
    element("p", Page.SUMMARY);
    element("h2", "Where Larder loses");
    list("", page.losses());
    element("h2", "What was not measured");
    list("", page.absent());
    element("h2", "Peers");
    html.append("<table>\n");
    row("th", List.of("name", "version", "what", "configured, and why"));
    page.peers()
        .forEach(peer -> row("td", List.of(peer.name(), peer.version(), peer.what(), peer.configuration())));
    html.append("</table>\n");
  }

  private void write(Section section) {
    html.append("<h2 id=\"").append(escape(section.title())).append("\">").append(escape(section.title()))
        .append("</h2>\n");
    element("p", section.about());
    list("origin", section.origin());
    for (Figure figure : section.figures()) {
      html.append("<figure>\n<img alt=\"").append(escape(figure.caption())).append("\" src=\"data:image/png;base64,")
          .append(Base64.getEncoder().encodeToString(figure.png())).append("\">\n");
      element("figcaption", figure.caption());
      html.append("</figure>\n");
    }
    block(section.tables());
    block(section.failures());
    if (!section.goals().isEmpty()) {
      html.append("<pre>");
      section.goals().forEach(this::goal);
      html.append("</pre>\n");
    }
  }

  private void goal(String line) {
    String verdict = line.substring(line.lastIndexOf(' ') + 1);
    html.append("<span class=\"").append(escape(verdict)).append("\">").append(escape(line)).append("</span>\n");
  }

  private void table(List<List<String>> rows) {
    html.append("<table>\n");
    row("th", rows.getFirst());
    rows.subList(1, rows.size()).forEach(cells -> row("td", cells));
    html.append("</table>\n");
  }

  private void row(String cell, List<String> cells) {
    html.append("<tr>");
    cells.forEach(
        text ->
            html.append('<').append(cell).append('>').append(escape(text.replace("`", ""))).append("</").append(cell)
                .append('>'));
    html.append("</tr>\n");
  }

  private void list(String style, List<String> items) {
    html.append(style.isEmpty() ? "<ul>\n" : "<ul class=\"" + style + "\">\n");
    items.forEach(item -> element("li", item));
    html.append("</ul>\n");
  }

  private void block(List<String> lines) {
    if (!lines.isEmpty()) {
      element("pre", String.join("\n", lines));
    }
  }

  private void element(String name, String text) {
    html.append('<').append(name).append('>').append(escape(text)).append("</").append(name).append(">\n");
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }
}
