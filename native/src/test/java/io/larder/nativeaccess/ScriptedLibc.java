package io.larder.nativeaccess;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** A C library that does nothing, notes what it is asked for, and fails as it is told. */
final class ScriptedLibc implements JnrLibc.Libc {
  /** What {@code open} answers. */
  static final int DESCRIPTOR = 7;

  final List<Call> calls = new ArrayList<>();
  final List<Integer> errors = new ArrayList<>();
  int errorOfTheRest;
  private int lastErrno;
  int pageBytes = 4096;
  byte[] residency = new byte[0];

  byte[] fileSystem = new byte[0];
  byte[] path = new byte[0];

  /** A call; that a path or an answer was given is not noted in it. */
  record Call(String function, long first, long second, int third) {}

  int lastErrno() {
    return lastErrno;
  }

  @Override
  public int getpagesize() {
    return pageBytes;
  }

  @Override
  public int madvise(long address, long bytes, int advice) {
    return called("madvise", address, bytes, advice);
  }

  @Override
  public int mlock(long address, long bytes) {
    return called("mlock", address, bytes, 0);
  }

  @Override
  public int munlock(long address, long bytes) {
    return called("munlock", address, bytes, 0);
  }

  @Override
  public int mincore(long address, long bytes, byte[] answer) {
    System.arraycopy(residency, 0, answer, 0, residency.length);
    return called("mincore", address, bytes, 0);
  }

  @Override
  public int open(byte[] path, int flags) {
    this.path = path.clone();
    return called("open", flags, 0, 0) == 0 ? DESCRIPTOR : -1;
  }

  @Override
  public int close(int descriptor) {
    calls.add(new Call("close", descriptor, 0, 0));
    lastErrno = 0;
    return 0;
  }

  @Override
  public int fallocate(int descriptor, int mode, long from, long bytes) {
    assertThat(descriptor).isEqualTo(DESCRIPTOR);
    return called("fallocate", from, bytes, mode);
  }

  @Override
  public int posix_fadvise(int descriptor, long from, long bytes, int advice) {
    assertThat(descriptor).isEqualTo(DESCRIPTOR);
    int errno = called("posix_fadvise", from, bytes, advice) == 0 ? 0 : lastErrno;
    lastErrno = 0;
    return errno;
  }

  @Override
  public int statfs(byte[] path, byte[] answer) {
    this.path = path.clone();
    System.arraycopy(fileSystem, 0, answer, 0, fileSystem.length);
    return called("statfs", 0, 0, 0);
  }

  private int called(String function, long address, long bytes, int advice) {
    calls.add(new Call(function, address, bytes, advice));
    int error = errors.isEmpty() ? errorOfTheRest : errors.removeFirst();
    if (error == 0) {
      return 0;
    }
    lastErrno = error;
    return -1;
  }
}
