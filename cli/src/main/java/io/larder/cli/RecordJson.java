package io.larder.cli;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes records, maps, lists, strings, numbers and truth values as JSON; a record by the names of its components. */
final class RecordJson {
  private RecordJson() {}

  static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out, "\n");
    return out.toString();
  }

  private static void write(@Nullable Object value, StringBuilder out, String newline) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator).append(newline).append("  ");
          writeString(String.valueOf(entry.getKey()), out);
          write(entry.getValue(), out.append(": "), newline + "  ");
          separator = ",";
        }
        out.append(map.isEmpty() ? "{}" : newline + "}");
      }
      case List<?> list -> {
        String separator = "[";
        for (Object element : list) {
          write(element, out.append(separator).append(newline).append("  "), newline + "  ");
          separator = ",";
        }
        out.append(list.isEmpty() ? "[]" : newline + "]");
      }
      case Record some -> writeRecord(some, out, newline);
      case Number number -> out.append(number);
      case Boolean truth -> out.append(truth.booleanValue());
      default -> writeString(value.toString(), out);
    }
  }

  private static void writeRecord(Record some, StringBuilder out, String newline) {
    String separator = "{";
    for (RecordComponent component : some.getClass().getRecordComponents()) {
      out.append(separator).append(newline).append("  ");
      writeString(component.getName(), out);
      try {
        write(component.getAccessor().invoke(some), out.append(": "), newline + "  ");
      } catch (ReflectiveOperationException failure) {
        throw new IllegalStateException(failure);
      }
      separator = ",";
    }
    out.append(newline).append('}');
  }

  private static void writeString(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
