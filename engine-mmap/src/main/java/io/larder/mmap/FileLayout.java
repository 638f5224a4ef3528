package io.larder.mmap;

import io.larder.allocator.FieldOffset;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * What the superblock of a region that is a file holds beside {@link io.larder.allocator.RegionLayout}: the last 3 KiB
 * of the first page. Offsets are from the start of the region.
 *
 * <p>The words in front of the attachments change under the {@code open} lock only.
 */
final class FileLayout {
  /** Where it starts. */
  static final long START_OFFSET = 1024;

  /** How many processes can be attached at once. */
  static final int ATTACHMENTS_MAX = 64;

  /** {@code clean} while a process may be attached. */
  static final int UNCLEAN = 0;

  /** {@code clean} when the last attachment has left and all of the file is on its disk. */
  static final int CLEAN = 1;

  /** A bit of {@code incompatibleFeatures}: every entry has a checksum. */
  static final long CHECKSUMS = 1;

  /** A bit of {@code incompatibleFeatures}: the tier of one cache, {@link RegionKind#TIER}. */
  static final long TIER = 2;

  /** A bit of {@code incompatibleFeatures}: values may be kept in another form, which the user's flags tell. */
  static final long PACKED = 4;

  /** All bits of {@code incompatibleFeatures} that this version knows; it refuses a file with any other. */
  static final long INCOMPATIBLE_KNOWN = CHECKSUMS | TIER | PACKED;

  /** All bits of {@code readOnlyFeatures} that this version knows; it must not write to a file with any other. */
  static final long READ_ONLY_KNOWN = 0;

  /** The words. */
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("layoutFingerprint"),
          ValueLayout.JAVA_LONG.withName("compatibleFeatures"),
          ValueLayout.JAVA_LONG.withName("readOnlyFeatures"),
          ValueLayout.JAVA_LONG.withName("incompatibleFeatures"),
          ValueLayout.JAVA_LONG.withName("bootIdHigh"),
          ValueLayout.JAVA_LONG.withName("bootIdLow"),
          ValueLayout.JAVA_LONG.withName("lockId"),
          ValueLayout.JAVA_INT.withName("clean"),
          ValueLayout.JAVA_INT.withName("checksum"),
          MemoryLayout.paddingLayout(960),
          MemoryLayout.sequenceLayout(ATTACHMENTS_MAX, AttachmentLayout.LAYOUT).withName("attachments"));

  static final long LAYOUT_FINGERPRINT_OFFSET = offset("layoutFingerprint");
  static final long COMPATIBLE_FEATURES_OFFSET = offset("compatibleFeatures");
  static final long READ_ONLY_FEATURES_OFFSET = offset("readOnlyFeatures");
  static final long INCOMPATIBLE_FEATURES_OFFSET = offset("incompatibleFeatures");
  static final long BOOT_ID_HIGH_OFFSET = offset("bootIdHigh");
  static final long BOOT_ID_LOW_OFFSET = offset("bootIdLow");
  static final long LOCK_ID_OFFSET = offset("lockId");
  static final long CLEAN_OFFSET = offset("clean");
  static final long CHECKSUM_OFFSET = offset("checksum");
  static final long ATTACHMENTS_OFFSET = offset("attachments");

  private FileLayout() {}

  /** The offset of the record of an attachment, 0 to {@link #ATTACHMENTS_MAX} - 1. */
  static long attachmentOffset(int slot) {
    return ATTACHMENTS_OFFSET + slot * AttachmentLayout.BYTES;
  }

  private static long offset(String name) {
    return START_OFFSET + FieldOffset.of(LAYOUT, name);
  }
}
