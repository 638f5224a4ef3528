package io.larder.mmap;

import io.larder.allocator.Memory;
import io.larder.allocator.SegmentMemory;
import io.larder.nativeaccess.NativeAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A machine on whose disk another file grows to half of the space, in the moment after a region's file, about to be
 * made, has been found to have enough.
 */
final class CrowdedHost implements Host {
  private final Path locks;
  private final Path filler;

  CrowdedHost(Path file) {
    this.locks = file.resolveSibling(file.getFileName() + ".locks");
    this.filler = file.resolveSibling("filler");
  }

  @Override
  public BootId bootId() {
    return THIS.bootId();
  }

  @Override
  public Volume volume(Path existing) throws IOException {
    Volume before = THIS.volume(existing);
    // The lock files' directory is made between the first look at the place and the last.
    if (Files.exists(locks) && !Files.exists(filler)) {
      fill(before.usableBytes() / 2);
    }
    return before;
  }

  private void fill(long bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(filler, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(bytes));
      while (content.hasRemaining()) {
        channel.write(content);
      }
    }
  }

  /** The other file goes; returns whether there was one. */
  boolean leave() throws IOException {
    return Files.deleteIfExists(filler);
  }

  @Override
  public NativeAccess nativeAccess() {
    return THIS.nativeAccess();
  }

  @Override
  public Memory memory(SegmentMemory mapped) {
    return mapped;
  }
}
