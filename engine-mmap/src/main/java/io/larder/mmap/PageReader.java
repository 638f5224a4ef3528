package io.larder.mmap;

import io.larder.allocator.RegionGeometry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * Reads ranges of a file, which brings their pages into the kernel's page cache; what is read is thrown away. Nothing
 * is allocated.
 *
 * <p>The pages of a range are read at once: one after the other would look to the system as if all of the file were
 * going to be read.
 *
 * <p>It has descriptors of its own, a few, so that as many threads can wait for the disk at once; and no {@link
 * java.nio.channels.FileChannel}, since an interrupt would close that. Any thread.
 */
final class PageReader implements AutoCloseable {
  private static final int DESCRIPTORS = 4;

  /** As long as most entries, and more. */
  private static final int BUFFER_BYTES = 4 * RegionGeometry.PAGE_BYTES;

  private final RandomAccessFile[] files = new RandomAccessFile[DESCRIPTORS];
  private final byte[][] buffers = new byte[DESCRIPTORS][BUFFER_BYTES];

  /** Of a file that has been mapped, and was not changed since. */
  PageReader(Path file) throws IOException {
    try {
      for (int i = 0; i < files.length; i++) {
        files[i] = new RandomAccessFile(file.toFile(), "r");
      }
    } catch (Throwable failure) {
      close();
      throw failure;
    }
  }

  /** Reads; false when a page is not there, or cannot be read. */
  boolean read(long offset, long bytes) {
    int index = (int) Thread.currentThread().threadId() & (DESCRIPTORS - 1);
    RandomAccessFile file = files[index];
    // One position and one buffer, so one reader at a time.
    synchronized (file) {
      try {
        file.seek(offset);
        return read(file, buffers[index], bytes);
      } catch (IOException failure) {
        return false;
      }
    }
  }

  private static boolean read(RandomAccessFile file, byte[] buffer, long bytes) throws IOException {
    long left = bytes;
    while (left > 0) {
      int count = file.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        return false;
      }
      left -= count;
    }
    return true;
  }

  /** Waits for those who read: the number of a descriptor must not be another file's before their calls have ended. */
  @Override
  public void close() throws IOException {
    for (RandomAccessFile file : files) {
      if (file != null) {
        synchronized (file) {
          file.close();
        }
      }
    }
  }
}
