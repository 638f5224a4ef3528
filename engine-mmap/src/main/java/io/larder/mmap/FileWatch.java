package io.larder.mmap;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether the file of a region is still what it was when it was mapped. It is asked once a second or so, and so notices
 * most cuts before anybody touches a page that is gone.
 *
 * <p>It holds the file open by a descriptor of its own, and not by a {@link FileChannel}: an interrupt would close
 * that. Any thread.
 */
final class FileWatch implements AutoCloseable {
  private final Path file;
  private final RandomAccessFile open;
  private final long bytes;
  private final @Nullable Object key;
  private final long lockId;

  /**
   * Begins to watch a file that has been mapped whole, and was not changed since.
   *
   * @param spoils whether it may be wanted to {@link #spoil} it
   */
  FileWatch(Path file, long bytes, long lockId, boolean spoils) throws IOException {
    this.file = file;
    this.bytes = bytes;
    this.key = key(file);
    this.lockId = lockId;
    this.open = new RandomAccessFile(file.toFile(), spoils ? "rw" : "r");
  }

  private static @Nullable Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  /** Whether it is as long as it was. One system call. */
  boolean isWhole() {
    try {
      return open.length() >= bytes;
    } catch (IOException unknown) {
      return true;
    }
  }

  /** What is wrong with the file, in a few words; null when nothing is. A cut is looked for before the memory is. */
  @Nullable String findLoss(Memory memory) {
    if (!isWhole()) {
      return "the file has been cut: it had " + bytes + " bytes";
    }
    // Somebody may have cut it and written it again, as copying another file over it does.
    boolean same =
        memory.getLong(RegionLayout.MAGIC_OFFSET) == RegionLayout.MAGIC
            && memory.getLong(FileLayout.LOCK_ID_OFFSET) == lockId;
    return same ? null : "the file has been overwritten";
  }

  /** Whether newcomers would find another file by this name, or none. */
  boolean isMoved() {
    try {
      return !Objects.equals(key, key(file));
    } catch (IOException absent) {
      return true;
    }
  }

  /**
   * Has whoever opens the file next make it anew, under whatever name he finds it. Nothing is written to a file that
   * has been overwritten by another. One thread at a time.
   */
  void spoil() throws IOException {
    if (open.length() >= RegionGeometry.PAGE_BYTES
        && wordAt(RegionLayout.MAGIC_OFFSET) == RegionLayout.MAGIC
        && wordAt(FileLayout.LOCK_ID_OFFSET) == lockId) {
      open.seek(RegionLayout.READY_OFFSET);
      open.writeInt(0);
    }
  }

  private long wordAt(long offset) throws IOException {
    open.seek(offset);
    return Long.reverseBytes(open.readLong());
  }

  @Override
  public void close() throws IOException {
    open.close();
  }
}
