package io.larder.mmap;

import io.larder.allocator.RegionGeometry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * Reads a byte of each page of a range, which brings the pages into the kernel's page cache. Nothing is allocated, and
 * no buffer needed.
 *
 * <p>It has descriptors of its own, a few, so that as many threads can wait for the disk at once; and no {@link
 * java.nio.channels.FileChannel}, since an interrupt would close that. Any thread.
 */
final class PageReader implements AutoCloseable {
  private static final int DESCRIPTORS = 4;

  private final RandomAccessFile[] files = new RandomAccessFile[DESCRIPTORS];

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
    RandomAccessFile file = files[(int) Thread.currentThread().threadId() & (DESCRIPTORS - 1)];
    long end = offset + bytes;
    // One position, and one reader at a time.
    synchronized (file) {
      try {
        for (long at = offset & -RegionGeometry.PAGE_BYTES; at < end; at += RegionGeometry.PAGE_BYTES) {
          file.seek(at);
          if (file.read() < 0) {
            return false;
          }
        }
        return true;
      } catch (IOException failure) {
        return false;
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (RandomAccessFile file : files) {
      if (file != null) {
        file.close();
      }
    }
  }
}
