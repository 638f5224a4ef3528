package io.larder.mmap;

import io.larder.allocator.Memory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Notes each access to a memory that reaches a page which nobody has brought in for it. For one thread, by itself.
 */
final class WatchedPages {
  private static final int PAGE_BYTES = MemoryAccesses.PAGE_BYTES;

  private final BitSet readable = new BitSet();
  private final BitSet writable = new BitSet();
  private final List<String> violations;
  private final PageCheck check;

  /** Whether an access to a page is as it should be. */
  @FunctionalInterface
  interface PageCheck {
    boolean allows(int page, boolean forWriting);
  }

  /** With another idea of what may be accessed; for as many threads as that is for, and the list. */
  WatchedPages(List<String> violations, PageCheck check) {
    this.violations = violations;
    this.check = check;
  }

  WatchedPages(List<String> violations) {
    this.violations = violations;
    this.check = this::isBroughtIn;
  }

  private boolean isBroughtIn(int page, boolean forWriting) {
    return (forWriting ? writable : readable).get(page);
  }

  WatchedPages() {
    this(new ArrayList<>());
  }

  List<String> violations() {
    return violations;
  }

  /** A range has been brought in. */
  void bringIn(long offset, long bytes, boolean forWriting) {
    int first = (int) (offset / PAGE_BYTES);
    int end = (int) ((offset + bytes - 1) / PAGE_BYTES) + 1;
    readable.set(first, end);
    if (forWriting) {
      writable.set(first, end);
    }
  }

  /** The system drops all pages. */
  void drop() {
    readable.clear();
    writable.clear();
  }

  /** A memory whose accesses are looked at. */
  Memory see(Memory memory) {
    return (Memory)
        Proxy.newProxyInstance(
            Memory.class.getClassLoader(),
            new Class<?>[] {Memory.class},
            (proxy, method, arguments) -> {
              look(method, arguments);
              Object result = call(memory, method, arguments);
              // What is read through it is looked at, too.
              return method.getName().equals("forReading") ? proxy : result;
            });
  }

  /** Calls a method of a memory; throws what that throws. */
  static @Nullable Object call(Memory memory, Method method, Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(memory, arguments);
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
  }

  private void look(Method method, Object[] arguments) {
    String name = method.getName();
    switch (name) {
      case "bytes", "isOpen", "close", "releaseFence", "forReading" -> {}
      case "copy" -> {
        look(name, false, (long) arguments[0], (long) arguments[2]);
        look(name, true, (long) arguments[1], (long) arguments[2]);
      }
      case "zero" -> look(name, true, (long) arguments[0], (long) arguments[1]);
      case "copyIn", "copyShortIn" ->
          look(name, true, (long) arguments[0], ((Number) arguments[3]).longValue());
      case "copyOut", "matches" -> look(name, false, (long) arguments[0], ((Number) arguments[3]).longValue());
      default -> {
        boolean reads = name.startsWith("get") && !name.startsWith("getAndAdd");
        look(name, !reads, (long) arguments[0], bytesOf(name));
      }
    }
  }

  private static long bytesOf(String name) {
    String type = name.toLowerCase(Locale.ROOT);
    if (type.contains("long")) {
      return Long.BYTES;
    }
    if (type.contains("int")) {
      return Integer.BYTES;
    }
    if (type.contains("short")) {
      return Short.BYTES;
    }
    if (type.contains("byte")) {
      return Byte.BYTES;
    }
    throw new IllegalStateException("what is " + name);
  }

  private void look(String name, boolean forWriting, long offset, long length) {
    for (long page = offset / PAGE_BYTES; length > 0 && page <= (offset + length - 1) / PAGE_BYTES; page++) {
      if (!check.allows((int) page, forWriting)) {
        violations.add(name + " at " + offset + ", " + length + " bytes: page " + page);
      }
    }
  }
}
