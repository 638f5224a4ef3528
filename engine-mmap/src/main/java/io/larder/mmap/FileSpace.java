package io.larder.mmap;

import io.larder.engine.RegionSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The space of a region that is a file and in use, {@link Reservation}. */
final class FileSpace implements RegionSpace {
  /** A read takes microseconds; only a process that is stopped, or gets no processor, takes longer than this. */
  private static final long READERS_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Path file;
  private final Host host;

  FileSpace(Path file, Host host) {
    this.file = file;
    this.host = host;
  }

  @Override
  public void reserve(long from, long to) throws IOException {
    Reservation.of(file, host).reserve(from, to);
  }

  @Override
  public void giveBack(long from, long to) throws IOException {
    Reservation.of(file, host).giveBack(from, to);
  }

  @Override
  public void awaitReaders() {
    boolean interrupted = Thread.interrupted();
    long begin = System.nanoTime();
    for (long left = READERS_NANOS; left > 0; left = READERS_NANOS - (System.nanoTime() - begin)) {
      LockSupport.parkNanos(left);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
