package io.larder.jmh;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes maps, lists, strings, numbers and truth values as JSON; a {@link Raw} is JSON already. */
final class Json {
  /**
   * Text that is JSON already.
   *
   * @param text the JSON
   */
  record Raw(String text) {}

  private Json() {}

  /** A map that keeps the order of its arguments: name, value, name, value. */
  static Map<String, Object> map(Object... namesAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out, "\n");
    return out.append('\n').toString();
  }

  private static void write(@Nullable Object value, StringBuilder out, String newline) {
    switch (value) {
      case null -> out.append("null");
      case Raw(String text) -> out.append(text.strip());
      case Map<?, ?> map -> writeMap(map, out, newline);
      case List<?> list -> writeList(list, out, newline);
      // Not in JSON: what was not measured.
      case Double number when !Double.isFinite(number) -> out.append("null");
      case Number number -> out.append(number);
      case Boolean truth -> out.append(truth.booleanValue());
      default -> writeString(value.toString(), out);
    }
  }

  private static void writeMap(Map<?, ?> map, StringBuilder out, String newline) {
    String inner = newline + "  ";
    String separator = "{";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator).append(inner);
      writeString(String.valueOf(entry.getKey()), out);
      out.append(": ");
      write(entry.getValue(), out, inner);
      separator = ",";
    }
    out.append(map.isEmpty() ? "{}" : newline + "}");
  }

  private static void writeList(List<?> list, StringBuilder out, String newline) {
    String inner = newline + "  ";
    String separator = "[";
    for (Object element : list) {
      out.append(separator).append(inner);
      write(element, out, inner);
      separator = ",";
    }
    out.append(list.isEmpty() ? "[]" : newline + "]");
  }

  private static void writeString(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
