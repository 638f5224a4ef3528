package io.larder.mmap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Which run of the kernel this is: 128 bits that every boot draws anew, the same in all containers of a host.
 *
 * @param high the upper half
 * @param low the lower half
 */
record BootId(long high, long low) {
  /** Of a system that does not tell. */
  static final BootId UNKNOWN = new BootId(0, 0);

  private static final Path SOURCE = Path.of("/proc/sys/kernel/random/boot_id");

  /** The current one; {@link #UNKNOWN} where the system does not tell. */
  static BootId current() {
    try {
      UUID id = UUID.fromString(Files.readString(SOURCE).strip());
      return new BootId(id.getMostSignificantBits(), id.getLeastSignificantBits());
    } catch (IOException | IllegalArgumentException notTold) {
      return UNKNOWN;
    }
  }

  /** Whether both are certainly the same run: two that are unknown are not. */
  boolean isSameBoot(BootId other) {
    return isOf(other) && !isOf(UNKNOWN);
  }

  /** As equals, which a record links when it is first called; every opening comes through here. */
  private boolean isOf(BootId other) {
    return high == other.high && low == other.low;
  }

  @Override
  public String toString() {
    return equals(UNKNOWN) ? "unknown" : new UUID(high, low).toString();
  }
}
