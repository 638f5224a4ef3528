package io.larder.mmap;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * What the first page of a file says, read without mapping it, and the refusal of what does not fit.
 *
 * @param file which file
 * @param fileBytes its size
 * @param page its first page; zero beyond its end
 */
record Header(Path file, long fileBytes, ByteBuffer page) {

  /** Reads the first page. */
  static Header read(Path file, FileChannel channel) throws IOException {
    ByteBuffer page = ByteBuffer.allocate(RegionGeometry.PAGE_BYTES);
    int bytes = 0;
    while (bytes >= 0 && page.hasRemaining()) {
      bytes = channel.read(page, page.position());
    }
    return new Header(file, channel.size(), page.clear().order(ByteOrder.LITTLE_ENDIAN));
  }

  private int getInt(long offset) {
    return page.getInt((int) offset);
  }

  private long getLong(long offset) {
    return page.getLong((int) offset);
  }

  /** Whether it is empty, or its maker was killed before it was complete. */
  boolean isHalfMade() {
    boolean unsealed = fileBytes >= page.limit() && getInt(FileLayout.CHECKSUM_OFFSET) == 0;
    return fileBytes == 0 || (isOurs() && (unsealed || getInt(RegionLayout.READY_OFFSET) == 0));
  }

  /** The checksum of what does not change in the superblock once it is complete; never 0. */
  static int checksum(ByteBuffer page) {
    CRC32C sum = new CRC32C();
    sum.update(page.slice(0, (int) RegionLayout.POOL_HEAD_OFFSET));
    sum.update(page.slice((int) FileLayout.LAYOUT_FINGERPRINT_OFFSET, Long.BYTES));
    sum.update(page.slice((int) FileLayout.READ_ONLY_FEATURES_OFFSET, Long.BYTES));
    sum.update(page.slice((int) FileLayout.INCOMPATIBLE_FEATURES_OFFSET, Long.BYTES));
    sum.update(page.slice((int) FileLayout.LOCK_ID_OFFSET, Long.BYTES));
    return Math.max(1, (int) sum.getValue() & Integer.MAX_VALUE);
  }

  private boolean isOurs() {
    return getLong(RegionLayout.MAGIC_OFFSET) == RegionLayout.MAGIC;
  }

  long regionBytes() {
    return getLong(RegionLayout.REGION_BYTES_OFFSET);
  }

  /** What a region that is made in its place is to be like. */
  FileSize size() {
    long without = getLong(RegionLayout.SLABS_UNRESERVED_OFFSET) + getLong(RegionLayout.SLABS_RETIRED_OFFSET);
    long bytes = regionBytes() - without * getInt(RegionLayout.SLAB_BYTES_OFFSET);
    // Those words change while it is in use, and may be of different moments.
    return new FileSize(bytes > 0 && bytes <= regionBytes() ? bytes : regionBytes(), regionBytes());
  }

  BootId bootId() {
    return new BootId(getLong(FileLayout.BOOT_ID_HIGH_OFFSET), getLong(FileLayout.BOOT_ID_LOW_OFFSET));
  }

  long lockId() {
    return getLong(FileLayout.LOCK_ID_OFFSET);
  }

  boolean isClean() {
    return getInt(FileLayout.CLEAN_OFFSET) == FileLayout.CLEAN;
  }

  /** How often a slot was taken. */
  long epoch(int slot) {
    return getLong(FileLayout.attachmentOffset(slot) + AttachmentLayout.EPOCH_OFFSET);
  }

  boolean hasChecksums() {
    return (getLong(FileLayout.INCOMPATIBLE_FEATURES_OFFSET) & FileLayout.CHECKSUMS) != 0;
  }

  /** Whether values may be kept in another form. */
  boolean isPacked() {
    return (getLong(FileLayout.INCOMPATIBLE_FEATURES_OFFSET) & FileLayout.PACKED) != 0;
  }

  /** What the region is for. */
  RegionKind kind() {
    return RegionKind.of(getLong(FileLayout.INCOMPATIBLE_FEATURES_OFFSET));
  }

  /** The number that the process of a slot has written down, in its own namespace. */
  int pid(int slot) {
    return getInt(FileLayout.attachmentOffset(slot) + AttachmentLayout.PID_OFFSET);
  }

  /** Refuses a file that Larder has not made. One that is half made is not refused. */
  void checkOurs() throws RegionFileException {
    if (fileBytes == 0 || isOurs()) {
      return;
    }
    long magic = getLong(RegionLayout.MAGIC_OFFSET);
    if (magic == Long.reverseBytes(RegionLayout.MAGIC)) {
      throw refusal(Reason.BYTE_ORDER, "byte order: found big-endian words, expected little-endian ones");
    }
    throw refusal(
        Reason.NOT_A_REGION,
        "not a file of Larder's: found the first 8 bytes %016x, expected %016x".formatted(magic, RegionLayout.MAGIC));
  }

  /**
   * Refuses a complete file that this version cannot use, or that has another limit than is wanted.
   *
   * @param limitBytes the limit wanted; 0 for whatever it has
   */
  void check(long limitBytes) throws RegionFileException {
    checkOurs();
    int version = getInt(RegionLayout.FORMAT_VERSION_OFFSET);
    if (version != RegionLayout.FORMAT_VERSION) {
      throw refusal(
          Reason.FORMAT_VERSION, "format version: found " + version + ", expected " + RegionLayout.FORMAT_VERSION);
    }
    int ready = getInt(RegionLayout.READY_OFFSET);
    if (ready != RegionLayout.READY) {
      throw refusal(
          Reason.NOT_A_REGION, "damaged superblock: found ready=" + ready + ", expected " + RegionLayout.READY);
    }
    checkFeatures();
    long fingerprint = getLong(FileLayout.LAYOUT_FINGERPRINT_OFFSET);
    if (fingerprint != LayoutFingerprint.current()) {
      throw refusal(
          Reason.LAYOUT,
          "layout fingerprint: found %016x, expected %016x; another build of Larder made it"
              .formatted(fingerprint, LayoutFingerprint.current()));
    }
    checkSize(limitBytes);
    int checksum = getInt(FileLayout.CHECKSUM_OFFSET);
    if (checksum != checksum(page)) {
      throw refusal(
          Reason.NOT_A_REGION,
          "damaged superblock: found the checksum %08x, expected %08x; delete it".formatted(checksum, checksum(page)));
    }
  }

  /** Refuses a region that is for something else. */
  void checkKind(RegionKind wanted) throws RegionFileException {
    if (kind() != wanted) {
      throw otherKind(file, kind(), wanted);
    }
  }

  /** The refusal of a region that is for something else. */
  static RegionFileException otherKind(Path file, RegionKind found, RegionKind wanted) {
    return new RegionFileException(
        Reason.KIND, file, "kind: found " + found + ", expected " + wanted + "; give each a file of its own");
  }

  private void checkFeatures() throws RegionFileException {
    long incompatible = getLong(FileLayout.INCOMPATIBLE_FEATURES_OFFSET) & ~FileLayout.INCOMPATIBLE_KNOWN;
    long readOnly = getLong(FileLayout.READ_ONLY_FEATURES_OFFSET) & ~FileLayout.READ_ONLY_KNOWN;
    if (incompatible != 0 || readOnly != 0) {
      throw refusal(
          Reason.FEATURES,
          "features: found unknown bits, %x incompatible and %x read-only, expected none; a newer version made it"
              .formatted(incompatible, readOnly));
    }
  }

  private void checkSize(long limitBytes) throws RegionFileException {
    if (fileBytes < regionBytes()) {
      throw refusal(
          Reason.TRUNCATED, "truncated: found " + fileBytes + " bytes, expected " + regionBytes() + "; delete it");
    }
    if (fileBytes > regionBytes()) {
      throw refusal(Reason.SIZE, "size: found " + fileBytes + " bytes, expected " + regionBytes());
    }
    if (limitBytes != 0 && limitBytes != regionBytes()) {
      throw refusal(
          Reason.SIZE,
          "size: found " + regionBytes() + " bytes as its limit, expected the " + limitBytes + " that were asked for");
    }
  }

  private RegionFileException refusal(Reason reason, String problem) {
    return new RegionFileException(reason, file, problem);
  }
}
