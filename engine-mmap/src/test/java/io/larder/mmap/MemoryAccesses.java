package io.larder.mmap;

import io.larder.allocator.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** Every kind of access to a memory, named as its method, and {@code array} or {@code segment} if it takes one. */
final class MemoryAccesses {
  static final int PAGE_BYTES = 4096;

  /** The most that one reaches to, on both sides of its offset. */
  static final int BYTES_MAX = 3 * PAGE_BYTES;

  /** One kind of access; it tells what it has read. */
  interface Access {
    Object at(Memory memory, long offset, int length, SplittableRandom random);
  }

  /** One that tells nothing. */
  interface Write {
    void at(Memory memory, long offset, int length, SplittableRandom random);
  }

  static final Map<String, Access> KINDS = kinds();

  private MemoryAccesses() {}

  private static Map<String, Access> kinds() {
    Map<String, Access> kinds = new LinkedHashMap<>();
    kinds.put("getLong", (memory, at, length, random) -> memory.getLong(at));
    kinds.put("getLongAcquire", (memory, at, length, random) -> memory.getLongAcquire(at & -8));
    kinds.put("getLongOpaque", (memory, at, length, random) -> memory.getLongOpaque(at & -8));
    kinds.put("getInt", (memory, at, length, random) -> memory.getInt(at));
    kinds.put("getIntAcquire", (memory, at, length, random) -> memory.getIntAcquire(at & -4));
    kinds.put("getShort", (memory, at, length, random) -> memory.getShort(at));
    kinds.put("getByte", (memory, at, length, random) -> memory.getByte(at));
    kinds.put(
        "forReading",
        (memory, at, length, random) -> {
          Memory range = memory.forReading(at, length);
          return length == 0 ? 0 : range.getByte(at) + range.getByte(at + length - 1);
        });
    kinds.put("putLong", write((memory, at, length, random) -> memory.putLong(at, random.nextLong())));
    kinds.put(
        "setLongRelease", write((memory, at, length, random) -> memory.setLongRelease(at & -8, random.nextLong())));
    kinds.put("setLongOpaque", write((memory, at, length, random) -> memory.setLongOpaque(at & -8, random.nextLong())));
    kinds.put("putInt", write((memory, at, length, random) -> memory.putInt(at, random.nextInt())));
    kinds.put("setIntRelease", write((memory, at, length, random) -> memory.setIntRelease(at & -4, random.nextInt())));
    kinds.put("putShort", write((memory, at, length, random) -> memory.putShort(at, random.nextInt())));
    kinds.put("setByteOpaque", write((memory, at, length, random) -> memory.setByteOpaque(at, random.nextInt())));
    kinds.put(
        "compareAndSetLong",
        (memory, at, length, random) ->
            memory.compareAndSetLong(at & -8, random.nextInt(2), random.nextInt(2)));
    kinds.put("getAndAddLong", (memory, at, length, random) -> memory.getAndAddLong(at & -8, random.nextLong()));
    kinds.put(
        "copyIn array", write((memory, at, length, random) -> memory.copyIn(at, some(length, random), 0, length)));
    kinds.put(
        "copyShortIn array",
        write((memory, at, length, random) -> memory.copyShortIn(at, some(length, random), 0, length)));
    kinds.put(
        "copyIn segment",
        write(
            (memory, at, length, random) ->
                memory.copyIn(at, MemorySegment.ofArray(some(length, random)), 0, length)));
    kinds.put(
        "copyOut array",
        (memory, at, length, random) -> {
          byte[] out = new byte[length];
          memory.copyOut(at, out, 0, length);
          return Arrays.hashCode(out);
        });
    kinds.put(
        "copyOut segment",
        (memory, at, length, random) -> {
          byte[] out = new byte[length];
          memory.copyOut(at, MemorySegment.ofArray(out), 0, length);
          return Arrays.hashCode(out);
        });
    kinds.put(
        "copy",
        write(
            (memory, at, length, random) ->
                memory.copy(random.nextBoolean() ? at + length : at - length, at, length)));
    kinds.put("zero", write((memory, at, length, random) -> memory.zero(at, length)));
    kinds.put("matches", (memory, at, length, random) -> memory.matches(at, new byte[length], 0, length));
    return kinds;
  }

  private static Access write(Write write) {
    return (memory, at, length, random) -> {
      write.at(memory, at, length, random);
      return "";
    };
  }

  private static byte[] some(int length, SplittableRandom random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** The name of the kind of access that a method is. */
  static String nameOf(Method method) {
    String name = method.getName();
    if (name.startsWith("copy") && method.getParameterCount() == 4) {
      return name + (method.getParameterTypes()[1] == byte[].class ? " array" : " segment");
    }
    return name;
  }

  static Access named(String name) {
    return Objects.requireNonNull(KINDS.get(name), name);
  }

  /** Makes one access of a kind to a memory of some size; the same with the same seed. */
  static Object make(String name, Memory memory, long bytes, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int length = random.nextInt(random.nextBoolean() ? 50 : BYTES_MAX);
    long offset = BYTES_MAX + random.nextLong(bytes - 3 * BYTES_MAX);
    if (random.nextInt(4) == 0) {
      // At the end of a page, or over it.
      offset = (offset | (PAGE_BYTES - 1)) - random.nextInt(9);
    }
    return named(name).at(memory, offset, length, random);
  }
}
