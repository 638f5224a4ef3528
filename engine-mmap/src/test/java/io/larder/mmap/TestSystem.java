package io.larder.mmap;

import io.larder.nativeaccess.FileSystemType;
import io.larder.nativeaccess.NativeAccess;
import io.larder.nativeaccess.NativeResult;
import io.larder.nativeaccess.NativeResult.Outcome;
import io.larder.nativeaccess.Population;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A system that does nothing, notes what it is asked for, and answers as it is told. */
final class TestSystem implements NativeAccess {
  final List<String> calls = new ArrayList<>();
  NativeResult reserved = unavailable();
  NativeResult givenBack = unavailable();
  Populating populating = (segment, offset, bytes, forWriting) -> Population.UNAVAILABLE;

  static NativeResult unavailable() {
    return new NativeResult(Outcome.UNAVAILABLE, 0, "no such call here");
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public NativeResult reserve(Path file, Object fileKey, long from, long bytes) {
    calls.add("reserve " + from + " " + bytes);
    return reserved;
  }

  @Override
  public NativeResult giveBack(Path file, Object fileKey, long from, long bytes) {
    calls.add("giveBack " + from + " " + bytes);
    return givenBack;
  }

  @Override
  public FileSystemType fileSystem(Path existing) {
    return new FileSystemType(Outcome.UNAVAILABLE, 0, "", "no such call here");
  }

  @Override
  public long pageBytes() {
    return NativeAccess.none().pageBytes();
  }

  @Override
  public long hugePageBytes() {
    return 0;
  }

  @Override
  public NativeResult adviseHugePages(MemorySegment segment) {
    return unavailable();
  }

  @Override
  public NativeResult collapse(MemorySegment segment) {
    return unavailable();
  }

  @Override
  public NativeResult lock(MemorySegment segment) {
    return unavailable();
  }

  @Override
  public NativeResult unlock(MemorySegment segment) {
    return unavailable();
  }

  @Override
  public NativeResult populateRead(MemorySegment segment) {
    return unavailable();
  }

  /** What answers {@link #populate}. */
  @FunctionalInterface
  interface Populating {
    Population populate(MemorySegment segment, long offset, long bytes, boolean forWriting);
  }

  @Override
  public Population populate(MemorySegment segment, long offset, long bytes, boolean forWriting) {
    return populating.populate(segment, offset, bytes, forWriting);
  }

  @Override
  public NativeResult adviseRandom(MemorySegment segment) {
    return unavailable();
  }

  @Override
  public NativeResult dropCached(Path file, Object fileKey) {
    return unavailable();
  }

  @Override
  public long residentBytes(MemorySegment segment) {
    return UNKNOWN_BYTES;
  }
}
