package io.larder.mmap;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionLayout;
import java.nio.file.Path;

/**
 * What a region's file says about itself. Its hash seed is a secret and not told.
 *
 * @param file the real path
 * @param regionBytes its size
 * @param slabBytes bytes of a slab
 * @param partitions how many partitions there are
 * @param formatVersion the version of its format
 * @param layoutFingerprint a number that the builds have in common that can read it
 * @param compatibleFeatures bits of features that may be ignored
 * @param readOnlyFeatures bits of features that may be ignored by readers
 * @param incompatibleFeatures bits of features that may not be ignored
 * @param checksums whether entries have checksums, one of those bits
 * @param tier whether it is the tier of one cache, another one
 * @param bootId the run of the kernel under which it was written to last
 * @param clean whether all have closed it
 * @param createdMillis when it was made, in milliseconds since 1970
 */
public record FileReport(
    Path file,
    long regionBytes,
    int slabBytes,
    int partitions,
    int formatVersion,
    long layoutFingerprint,
    long compatibleFeatures,
    long readOnlyFeatures,
    long incompatibleFeatures,
    boolean checksums,
    boolean tier,
    String bootId,
    boolean clean,
    long createdMillis) {

  static FileReport of(Path file, Memory memory) {
    long incompatible = memory.getLong(FileLayout.INCOMPATIBLE_FEATURES_OFFSET);
    BootId bootId =
        new BootId(memory.getLong(FileLayout.BOOT_ID_HIGH_OFFSET), memory.getLong(FileLayout.BOOT_ID_LOW_OFFSET));
    return new FileReport(
        file,
        memory.getLong(RegionLayout.REGION_BYTES_OFFSET),
        memory.getInt(RegionLayout.SLAB_BYTES_OFFSET),
        memory.getInt(RegionLayout.PARTITION_COUNT_OFFSET),
        memory.getInt(RegionLayout.FORMAT_VERSION_OFFSET),
        memory.getLong(FileLayout.LAYOUT_FINGERPRINT_OFFSET),
        memory.getLong(FileLayout.COMPATIBLE_FEATURES_OFFSET),
        memory.getLong(FileLayout.READ_ONLY_FEATURES_OFFSET),
        incompatible,
        (incompatible & FileLayout.CHECKSUMS) != 0,
        RegionKind.of(incompatible) == RegionKind.TIER,
        bootId.toString(),
        memory.getInt(FileLayout.CLEAN_OFFSET) == FileLayout.CLEAN,
        memory.getLong(RegionLayout.CREATED_MILLIS_OFFSET));
  }
}
