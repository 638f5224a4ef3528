package io.larder.mmap;

import io.larder.allocator.Memory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A process that dies before one of its stores into what it has mapped: {@link Death} is thrown there, and what it
 * would store on its way out, to leave things in order, reaches nothing. Of its last stores, which no fence or release
 * store has ordered, some may be undone, as if they had come too late. For one thread.
 */
final class DyingProcess {
  /** Which of the stores that nothing has ordered are undone. */
  enum Late {
    NONE,
    ALL_BUT_THE_LAST,
    SOME
  }

  /** The end. */
  static final class Death extends Error {
    private static final long serialVersionUID = 1;

    Death() {
      super("the process is dead", null, false, false);
    }
  }

  @SuppressWarnings({"ArrayRecordComponent", "ReferenceEquality"}) // never compared; one memory is one mapping
  private record Stored(Memory memory, long offset, byte[] before) {
    void undo() {
      memory.copyIn(offset, before, 0, before.length);
    }

    boolean overlaps(Stored other) {
      return memory == other.memory
          && offset < other.offset + other.before.length
          && other.offset < offset + before.length;
    }
  }

  private final long lastStore;
  private final Late late;
  private final boolean fences;
  private final SplittableRandom random;
  private final List<Stored> unordered = new ArrayList<>();
  private long stores;
  private boolean dead;

  /**
   * One that dies.
   *
   * @param lastStore before which of its stores, from 1 on
   * @param fences whether fences order anything; the twin in which they do not must show damage
   */
  DyingProcess(long lastStore, Late late, boolean fences, SplittableRandom random) {
    this.lastStore = lastStore;
    this.late = late;
    this.fences = fences;
    this.random = random;
  }

  /** One that lives on, and counts its stores. */
  static DyingProcess living() {
    return new DyingProcess(Long.MAX_VALUE, Late.NONE, true, new SplittableRandom(0));
  }

  /** How many stores it has done. */
  long stores() {
    return stores;
  }

  /** What it has mapped, as it sees it. */
  Memory see(Memory memory) {
    return (Memory)
        Proxy.newProxyInstance(
            Memory.class.getClassLoader(),
            new Class<?>[] {Memory.class},
            (proxy, method, arguments) -> access(memory, method, arguments));
  }

  private @Nullable Object access(Memory memory, Method method, Object[] arguments) throws Throwable {
    String name = method.getName();
    long bytes = storedBytes(name, arguments);
    if (bytes > 0 && dead) {
      if (method.getReturnType() != void.class) {
        throw new Death();
      }
      return null;
    }
    boolean orders = fences && isRelease(name);
    if (bytes > 0) {
      if (orders) {
        unordered.clear();
      }
      store(memory, (long) arguments[name.equals("copy") ? 1 : 0], bytes);
    } else if (orders || name.equals("close")) {
      // What is unmapped has come in whole.
      unordered.clear();
    }
    try {
      return method.invoke(memory, arguments);
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
  }

  private void store(Memory memory, long offset, long bytes) {
    if (stores + 1 == lastStore) {
      dead = true;
      undo();
      throw new Death();
    }
    stores++;
    byte[] before = new byte[(int) bytes];
    memory.copyOut(offset, before, 0, before.length);
    unordered.add(new Stored(memory, offset, before));
  }

  /** Of each address the last stores are undone. */
  private void undo() {
    List<Stored> kept = new ArrayList<>();
    for (int i = unordered.size() - 1; i >= 0; i--) {
      Stored store = unordered.get(i);
      boolean comes =
          switch (late) {
            case NONE -> true;
            case ALL_BUT_THE_LAST -> kept.isEmpty();
            case SOME -> random.nextBoolean();
          };
      if (comes || kept.stream().anyMatch(store::overlaps)) {
        kept.add(store);
      } else {
        store.undo();
      }
    }
  }

  private static boolean isRelease(String name) {
    return name.endsWith("Release") || name.equals("releaseFence") || name.startsWith("compareAndSet")
        || name.startsWith("getAndAdd");
  }

  /** How many bytes an access changes; 0 for one that only reads. */
  private static long storedBytes(String name, Object[] arguments) {
    return switch (name) {
      case "copy" -> (long) arguments[2];
      case "zero" -> (long) arguments[1];
      case "copyIn", "copyShortIn" -> ((Number) arguments[3]).longValue();
      default -> {
        boolean stores = name.startsWith("put") || name.startsWith("set") || name.startsWith("compareAndSet")
            || name.startsWith("getAndAdd");
        String type = name.toLowerCase(Locale.ROOT);
        yield !stores ? 0
            : type.contains("long") ? Long.BYTES
                : type.contains("int") ? Integer.BYTES
                    : type.contains("short") ? Short.BYTES : Byte.BYTES;
      }
    };
  }
}
