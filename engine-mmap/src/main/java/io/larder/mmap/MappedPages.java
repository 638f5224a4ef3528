package io.larder.mmap;

import io.larder.allocator.MemoryFault;
import io.larder.nativeaccess.NativeAccess;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a file, brought in through its mapping where native calls may be made, and otherwise by reading from
 * them: then they are in the kernel's page cache, and the access through the mapping is a fault that waits for no disk.
 *
 * <p>What the second way cannot do is to make a page writable: the first write to a page since it was last written to
 * the disk is a fault in which the file system may wait for something.
 */
final class MappedPages implements PageSource {
  private final MemorySegment mapped;
  private final NativeAccess system;
  private final @Nullable PageReader reader;

  /**
   * Those of what is mapped. Should a page be missing all the same when it is accessed, it is read alone.
   *
   * @param reader of the same bytes of the file; null for a file that may not be opened a second time
   */
  MappedPages(MemorySegment mapped, NativeAccess system, @Nullable PageReader reader) {
    this.mapped = mapped;
    this.system = system;
    this.reader = reader;
    system.adviseRandom(mapped);
  }

  @Override
  public void bringIn(long offset, long bytes, boolean forWriting) {
    boolean there =
        switch (system.populate(mapped, offset, bytes, forWriting)) {
          case DONE -> true;
          case NOTHING_BEHIND -> false;
          case REFUSED, UNAVAILABLE -> reader == null || reader.read(offset, bytes);
        };
    if (!there) {
      throw nothingBehind(offset, bytes);
    }
  }

  /** Nothing is behind a mapping that has been closed, either. */
  private InternalError nothingBehind(long offset, long bytes) {
    if (!mapped.scope().isAlive()) {
      throw new IllegalStateException("Already closed");
    }
    return MemoryFault.refused(
        "there is nothing behind " + bytes + " bytes from " + offset + "; the file was cut, or its disk fails or is"
            + " full");
  }
}
