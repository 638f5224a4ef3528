package io.larder.engine;

import java.util.Arrays;

/** Some keys, one behind the other in an array that grows; reusable, for one thread. */
final class KeyList {
  private byte[] bytes = new byte[1024];
  private int[] offsets = new int[16];
  private long[] hashes = new long[16];
  private int count;

  void clear() {
    count = 0;
    offsets[0] = 0;
  }

  /** Makes room for a key, whose bytes go into the result from {@link #lastOffset()} on. */
  byte[] add(int length, long hash) {
    if (count + 2 > offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * offsets.length);
      hashes = Arrays.copyOf(hashes, 2 * hashes.length);
    }
    hashes[count] = hash;
    int end = offsets[count] + length;
    offsets[++count] = end;
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
    }
    return bytes;
  }

  int lastOffset() {
    return offsets[count - 1];
  }

  int count() {
    return count;
  }

  byte[] bytes() {
    return bytes;
  }

  int offset(int index) {
    return offsets[index];
  }

  int length(int index) {
    return offsets[index + 1] - offsets[index];
  }

  long hash(int index) {
    return hashes[index];
  }
}
