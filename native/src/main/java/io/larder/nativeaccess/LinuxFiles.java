package io.larder.nativeaccess;

import io.larder.nativeaccess.NativeResult.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.IntSupplier;

/**
 * Linux' calls about the space and the file system of a file.
 *
 * <p>Java keeps the descriptors of its channels to itself, so a file is opened anew for each request. A path may lead
 * to another file by then; which one it is tells the link of the open descriptor, before anything is done to it.
 */
final class LinuxFiles {
  /** The links of this process to the files that it has open, named by descriptor. */
  static final Path OWN_DESCRIPTORS = Path.of("/proc/self/fd");

  // asm-generic/fcntl.h and linux/falloc.h
  static final int O_RDWR = 2;
  static final int O_CLOEXEC = 0x80000;
  static final int FALLOCATE = 0;
  static final int PUNCH_HOLE_KEEP_SIZE = 0x02 | 0x01;
  static final int POSIX_FADV_DONTNEED = 4;
  static final long TO_THE_END = 0;

  /** On tmpfs a signal undoes the whole call; a short call gets through between two of a profiler's. */
  static final long CHUNK_BYTES = 16 << 20;

  static final int ATTEMPTS_MAX = 100;

  /** More than any kernel's struct statfs. */
  private static final int STATFS_BYTES = 256;

  private static final long MAGIC_MASK = 0xFFFF_FFFFL;
  private static final int NO_ERROR = 0;
  private static final int HEXADECIMAL = 16;

  private final JnrLibc.Libc libc;
  private final IntSupplier lastErrno;
  private final Path descriptors;

  /**
   * The calls.
   *
   * @param lastErrno errno as the last call of this thread through {@code libc} left it
   * @param descriptors {@link #OWN_DESCRIPTORS}
   */
  LinuxFiles(JnrLibc.Libc libc, IntSupplier lastErrno, Path descriptors) {
    this.libc = libc;
    this.lastErrno = lastErrno;
    this.descriptors = descriptors;
  }

  /** Refuses a range that no file has. */
  static void requireRange(long from, long bytes) {
    if (from < 0 || bytes < 0 || from > Long.MAX_VALUE - bytes) {
      throw new IllegalArgumentException("from=" + from + " bytes=" + bytes + " is no range of a file");
    }
  }

  /** {@link NativeAccess#reserve}. */
  NativeResult reserve(Path file, Object fileKey, long from, long bytes) {
    return allocate(file, fileKey, FALLOCATE, SystemCall.RESERVE, from, bytes);
  }

  /** {@link NativeAccess#giveBack}. */
  NativeResult giveBack(Path file, Object fileKey, long from, long bytes) {
    return allocate(file, fileKey, PUNCH_HOLE_KEEP_SIZE, SystemCall.GIVE_BACK, from, bytes);
  }

  /** {@link NativeAccess#dropCached}. */
  NativeResult dropCached(Path file, Object fileKey) {
    return with(file, fileKey, this::dropCached);
  }

  private NativeResult dropCached(int descriptor) {
    int errno = libc.posix_fadvise(descriptor, 0, TO_THE_END, POSIX_FADV_DONTNEED);
    return errno == NO_ERROR ? NativeResult.done(0) : NativeResult.refused(SystemCall.DROP_CACHED.refusal(errno));
  }

  private NativeResult allocate(Path file, Object fileKey, int mode, SystemCall call, long from, long bytes) {
    requireRange(from, bytes);
    return with(file, fileKey, descriptor -> allocate(descriptor, mode, call, from, bytes));
  }

  /** What is done to a file that is open. */
  @FunctionalInterface
  private interface Request {
    NativeResult make(int descriptor);
  }

  /** Makes a request of the file at a path, if it is the one that is meant. */
  private NativeResult with(Path file, Object fileKey, Request request) {
    if (!isOfTheKernel(file)) {
      return NativeResult.unavailable(file + " is not a path of the kernel's");
    }
    int descriptor = libc.open(bytesOf(file), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) {
      return NativeResult.refused(SystemCall.OPEN.refusal(lastErrno.getAsInt()));
    }
    try {
      Object found = Files.readAttributes(descriptors.resolve("" + descriptor), BasicFileAttributes.class).fileKey();
      return fileKey.equals(found)
          ? request.make(descriptor)
          : NativeResult.refused("another file has taken the place of the one that is meant");
    } catch (IOException notTold) {
      return NativeResult.unavailable("which file was opened cannot be told, is /proc mounted: " + notTold);
    } finally {
      libc.close(descriptor);
    }
  }

  private NativeResult allocate(int descriptor, int mode, SystemCall call, long from, long bytes) {
    long doneBytes = 0;
    while (doneBytes < bytes) {
      long chunkBytes = Math.min(CHUNK_BYTES, bytes - doneBytes);
      int errno = allocateChunk(descriptor, mode, from + doneBytes, chunkBytes);
      if (errno != NO_ERROR) {
        return doneBytes == 0 && isAbsent(errno)
            ? NativeResult.unavailable(call.refusal(errno))
            : NativeResult.stopped(doneBytes, call.refusal(errno));
      }
      doneBytes += chunkBytes;
    }
    return NativeResult.done(doneBytes);
  }

  private int allocateChunk(int descriptor, int mode, long from, long bytes) {
    int errno = SystemCall.EINTR;
    for (int attempt = 0; attempt < ATTEMPTS_MAX && errno == SystemCall.EINTR; attempt++) {
      errno = libc.fallocate(descriptor, mode, from, bytes) == 0 ? NO_ERROR : lastErrno.getAsInt();
    }
    return errno;
  }

  /** Whether the call is what is missing: a seccomp profile says EPERM for what it forbids. */
  private static boolean isAbsent(int errno) {
    return errno == SystemCall.EOPNOTSUPP || errno == SystemCall.ENOSYS || errno == SystemCall.EPERM;
  }

  /** {@link NativeAccess#fileSystem}. */
  FileSystemType fileSystem(Path existing) {
    if (!isOfTheKernel(existing)) {
      return FileSystemType.notTold(Outcome.UNAVAILABLE, existing + " is not a path of the kernel's");
    }
    byte[] answer = new byte[STATFS_BYTES];
    if (libc.statfs(bytesOf(existing), answer) != 0) {
      int errno = lastErrno.getAsInt();
      return FileSystemType.notTold(
          isAbsent(errno) ? Outcome.UNAVAILABLE : Outcome.REFUSED, SystemCall.FILE_SYSTEM.refusal(errno));
    }
    // The first field, a long.
    return FileSystemType.of(ByteBuffer.wrap(answer).order(ByteOrder.nativeOrder()).getLong() & MAGIC_MASK);
  }

  private static boolean isOfTheKernel(Path path) {
    return path.getFileSystem().equals(FileSystems.getDefault());
  }

  /**
   * The bytes by which the kernel knows a path, and a zero. A path's text may have lost some of them to the character
   * set of the locale; its URI has them all, those that are not plain as two digits behind a percent sign.
   */
  private static byte[] bytesOf(Path path) {
    byte[] uri = path.toUri().getRawPath().getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(uri.length + 1);
    for (int i = 0; i < uri.length; i++) {
      if (uri[i] == '%') {
        bytes.write(Character.digit(uri[i + 1], HEXADECIMAL) * HEXADECIMAL + Character.digit(uri[i + 2], HEXADECIMAL));
        i += 2;
      } else {
        bytes.write(uri[i]);
      }
    }
    bytes.write(0);
    return bytes.toByteArray();
  }
}
