package io.larder.mmap;

import io.larder.allocator.FieldOffset;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The record of one attachment. Who holds the kernel lock of the attachment's lock file is the only one to write it.
 * Whether that process lives is not in here: a record goes on saying {@link #ATTACHED} when its process is killed.
 */
final class AttachmentLayout {
  /** Never taken, or given up in good order. */
  static final int FREE = 0;

  /** Taken, and not given up. */
  static final int ATTACHED = 1;

  /** The record. */
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("epoch"),
          ValueLayout.JAVA_LONG.withName("settledEpoch"),
          ValueLayout.JAVA_LONG.withName("startedMillis"),
          ValueLayout.JAVA_INT.withName("state"),
          ValueLayout.JAVA_INT.withName("pid"));

  static final long EPOCH_OFFSET = offset("epoch");
  static final long SETTLED_EPOCH_OFFSET = offset("settledEpoch");
  static final long STARTED_MILLIS_OFFSET = offset("startedMillis");
  static final long STATE_OFFSET = offset("state");
  static final long PID_OFFSET = offset("pid");

  /** The bytes of a record. */
  static final long BYTES = LAYOUT.byteSize();

  private AttachmentLayout() {}

  private static long offset(String name) {
    return FieldOffset.of(LAYOUT, name);
  }
}
