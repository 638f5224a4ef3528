package io.larder.nativeaccess;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Platform;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/** The C library through JNR-FFI. The only class that needs JNR-FFI; nothing else may refer to it but the choice. */
final class JnrLibc {

  /**
   * The functions of the C library in use, for a 64-bit Linux, where Java's {@code long} is C's {@code long}, {@code
   * size_t} and pointer alike. They return -1 (or the answer) and leave the reason in errno.
   *
   * <p>Public because the class that JNR-FFI generates for it is in another package; the enclosing class keeps it out
   * of the API.
   */
  public interface Libc {
    int getpagesize();

    int madvise(long address, long bytes, int advice);

    int mlock(long address, long bytes);

    int munlock(long address, long bytes);

    /** One byte per page into {@code residency}, whose lowest bit is set when the page is in memory. */
    int mincore(long address, long bytes, @Out byte[] residency);

    /** The path ends with a zero. Answers a file descriptor. */
    int open(@In byte[] path, int flags);

    int close(int descriptor);

    int fallocate(int descriptor, int mode, long from, long bytes);

    /** Answers the error itself, or 0, and leaves errno alone. */
    int posix_fadvise(int descriptor, long from, long bytes, int advice);

    /** The path ends with a zero. The answer is the kernel's {@code struct statfs}. */
    int statfs(@In byte[] path, @Out byte[] answer);
  }

  private JnrLibc() {}

  /**
   * Loads the C library, which is there already, and JNR-FFI's own, which is not.
   *
   * @throws LinkageError when JNR-FFI is absent in part, or cannot load or find something
   * @throws IllegalCallerException when native access is denied
   */
  static NativeAccess open() {
    Libc libc =
        LibraryLoader.create(Libc.class).failImmediately().load(Platform.getNativePlatform().getStandardCLibraryName());
    Runtime runtime = Runtime.getRuntime(libc);
    LinuxFiles files = new LinuxFiles(libc, runtime::getLastError, LinuxFiles.OWN_DESCRIPTORS);
    return new LinuxNativeAccess(libc, runtime::getLastError, TransparentHugePages.ofThisMachine(), files);
  }
}
