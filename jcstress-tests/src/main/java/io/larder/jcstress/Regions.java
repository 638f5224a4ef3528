package io.larder.jcstress;

import io.larder.allocator.SegmentMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where the memory of every test comes from: private memory, or with {@code -Dlarder.jcstress.directory=DIR} a mapped
 * file in that directory, deleted as soon as it is mapped.
 */
public final class Regions {
  private static final @Nullable String DIRECTORY = System.getProperty("larder.jcstress.directory");

  @SuppressWarnings("unused") // written only, so that the allocation is not left out
  private static volatile byte @Nullable [] ballast;

  private Regions() {}

  /** Makes a region of zeros that lives as long as the JVM. Any thread. */
  public static SegmentMemory make(int bytes) {
    // jcstress keeps as many states alive as fit into a share of the heap; a heap array of the same size, dropped at
    // once, lets it count the region.
    ballast = new byte[bytes];
    ballast = null;
    return DIRECTORY == null ? SegmentMemory.allocate(bytes) : map(Path.of(DIRECTORY), bytes);
  }

  private static SegmentMemory map(Path directory, int bytes) {
    try {
      Path file = Files.createTempFile(directory, "larder-jcstress", ".region");
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        Arena arena = Arena.ofShared();
        return new SegmentMemory(channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena), arena);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no region of " + bytes + " bytes in directory=" + directory, e);
    }
  }
}
