package io.larder.mmap;

import io.larder.allocator.PartitionSlabsLayout;
import io.larder.allocator.RegionLayout;
import io.larder.allocator.SlabLayout;
import io.larder.engine.BucketLayout;
import io.larder.engine.ContinuationLayout;
import io.larder.engine.EntryLayout;
import io.larder.engine.PartitionLayout;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.StructLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A number that two builds have in common when they mean the same by a region's bytes: names, offsets and sizes of all
 * fields, and the format version. It finds out what nobody thought of raising the version for.
 *
 * <p>The description that is hashed is made here, because the text of the JDK's own layouts may differ from one release
 * to the next. The hash is FNV-1a of 64 bits.
 */
final class LayoutFingerprint {
  private static final long BASIS = 0xCBF2_9CE4_8422_2325L;
  private static final long PRIME = 0x0000_0100_0000_01B3L;

  private static final List<StructLayout> LAYOUTS =
      List.of(
          RegionLayout.LAYOUT,
          FileLayout.LAYOUT,
          PartitionLayout.LAYOUT,
          PartitionSlabsLayout.LAYOUT,
          SlabLayout.LAYOUT,
          BucketLayout.LAYOUT,
          EntryLayout.LAYOUT,
          ContinuationLayout.LAYOUT);

  private LayoutFingerprint() {}

  /** The fingerprint of the regions that this build makes. */
  static long current() {
    return of(RegionLayout.FORMAT_VERSION, LAYOUTS);
  }

  /** The fingerprint of a version and layouts, in their order. */
  static long of(int formatVersion, List<StructLayout> layouts) {
    StringBuilder text = new StringBuilder().append(formatVersion);
    for (StructLayout layout : layouts) {
      describe(layout, 0, text.append('\n'));
    }
    long hash = BASIS;
    for (byte octet : text.toString().getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ Byte.toUnsignedLong(octet)) * PRIME;
    }
    return hash;
  }

  private static void describe(MemoryLayout layout, long offset, StringBuilder text) {
    text.append(layout.name().orElse("")).append('@').append(offset).append('+').append(layout.byteSize());
    // Not a switch: its bootstrap takes milliseconds, and every first opening comes through here.
    if (layout instanceof GroupLayout group) {
      text.append('{');
      long at = 0;
      for (MemoryLayout member : group.memberLayouts()) {
        if (!(member instanceof PaddingLayout)) {
          describe(member, at, text);
          text.append(' ');
        }
        at += member.byteSize();
      }
      text.append('}');
    } else if (layout instanceof SequenceLayout sequence) {
      text.append('*').append(sequence.elementCount());
      describe(sequence.elementLayout(), 0, text);
    }
  }
}
