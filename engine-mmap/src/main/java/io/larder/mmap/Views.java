package io.larder.mmap;

import io.larder.allocator.Memory;
import io.larder.allocator.SegmentMemory;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an attachment sees what it maps: as it is, or, where it is the file of a tier, so that no access waits for the
 * disk, {@link ResidentMemory}.
 *
 * <p>Views are made by one thread, which opens the file. Any thread may forget.
 */
final class Views implements AutoCloseable {
  private final Path file;
  private final RegionKind kind;
  private final Host host;
  private final List<Residency> residencies = new ArrayList<>();
  private @Nullable PageReader reader;

  /** Of the region in a file. */
  Views(Path file, RegionKind kind, Host host) {
    this.file = file;
    this.kind = kind;
    this.host = host;
  }

  /** What has been mapped of the region's file, from its start. */
  Memory ofRegion(SegmentMemory mapped) throws IOException {
    if (kind == RegionKind.SHARED) {
      return host.memory(mapped);
    }
    if (reader == null) {
      reader = new PageReader(file);
    }
    return resident(mapped, host.memory(mapped), reader);
  }

  /** What has been mapped of a lock file, of which no second descriptor may be closed. */
  Memory ofLockFile(SegmentMemory mapped) {
    return kind == RegionKind.SHARED ? mapped : resident(mapped, mapped, null);
  }

  private Memory resident(SegmentMemory mapped, Memory seen, @Nullable PageReader read) {
    Residency residency =
        Residency.of(mapped.bytes(), new MappedPages(mapped.segment(), host.nativeAccess(), read));
    residencies.add(residency);
    return new ResidentMemory(seen, residency);
  }

  /** Forgets which pages are in memory, {@link Residency#forget}. */
  void forget() {
    for (Residency residency : residencies) {
      residency.forget();
    }
  }

  /** To be called when all that was viewed has been closed. */
  @Override
  public void close() {
    if (reader != null) {
      try {
        reader.close();
      } catch (IOException failure) {
        System.getLogger("io.larder.mmap").log(Level.DEBUG, file + " cannot be closed", failure);
      }
    }
  }
}
