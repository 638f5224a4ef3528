package io.larder.nativeaccess;

/** The calls made, and what their errors mean for an operator. */
enum SystemCall {
  ADVISE_HUGE_PAGES("madvise(MADV_HUGEPAGE)"),
  COLLAPSE("madvise(MADV_COLLAPSE)"),
  POPULATE_READ("madvise(MADV_POPULATE_READ)"),
  ADVISE_RANDOM("madvise(MADV_RANDOM)"),
  LOCK("mlock"),
  UNLOCK("munlock"),
  RESIDENCY("mincore"),
  OPEN("open"),
  RESERVE("fallocate"),
  GIVE_BACK("fallocate(FALLOC_FL_PUNCH_HOLE)"),
  DROP_CACHED("posix_fadvise(POSIX_FADV_DONTNEED)"),
  FILE_SYSTEM("statfs");

  // Error numbers of Linux on x86-64 and aarch64 (asm-generic/errno-base.h).
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EIO = 5;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int EFAULT = 14;
  static final int EBUSY = 16;
  static final int EINVAL = 22;
  static final int EMFILE = 24;
  static final int EFBIG = 27;
  static final int ENOSPC = 28;
  static final int EROFS = 30;

  // asm-generic/errno.h
  static final int ENOSYS = 38;
  static final int EOPNOTSUPP = 95;
  static final int EDQUOT = 122;
  static final int EHWPOISON = 133;

  private static final String RAISE_THE_LIMIT =
      "raise it with `ulimit -l`, LimitMEMLOCK= in systemd or --ulimit memlock= in Docker, or grant CAP_IPC_LOCK";

  private final String text;

  SystemCall(String text) {
    this.text = text;
  }

  /** One sentence without full stop: the call, the error, its likely cause and the remedy. */
  String refusal(int errno) {
    return text + " failed with " + name(errno) + ": " + cause(errno);
  }

  private String cause(int errno) {
    return switch (this) {
      case ADVISE_HUGE_PAGES -> errno == EINVAL ? "this kernel was built without transparent huge pages" : other(errno);
      case COLLAPSE -> collapseCause(errno);
      case POPULATE_READ -> populateCause(errno);
      case LOCK -> lockCause(errno);
      case RESERVE, GIVE_BACK -> spaceCause(errno);
      case UNLOCK, RESIDENCY, ADVISE_RANDOM, OPEN, DROP_CACHED, FILE_SYSTEM -> other(errno);
    };
  }

  private static String collapseCause(int errno) {
    return switch (errno) {
      case EINVAL -> "this kind of memory cannot have huge pages, or the kernel is older than Linux 6.1";
      case ENOMEM -> "no free huge page, memory is short or fragmented; write 1 to /proc/sys/vm/compact_memory";
      case EBUSY -> "the limit of the memory cgroup is reached; raise memory.max";
      case EAGAIN -> "the pages are in use elsewhere just now; ask again later";
      default -> other(errno);
    };
  }

  private static String populateCause(int errno) {
    return switch (errno) {
      case EINVAL -> "this kind of memory cannot be populated, or the kernel is older than Linux 5.14";
      case ENOMEM -> "not enough memory; the process or its cgroup is at its limit";
      case EFAULT -> "a page has nothing behind it; the mapped file was cut short, or its disk is full or failing";
      default -> other(errno);
    };
  }

  private static String lockCause(int errno) {
    return switch (errno) {
      case ENOMEM -> "over the limit of locked memory (RLIMIT_MEMLOCK); " + RAISE_THE_LIMIT;
      case EPERM -> "this process may lock no memory, the limit (RLIMIT_MEMLOCK) is 0; " + RAISE_THE_LIMIT;
      case EAGAIN -> "some pages could not be brought into memory; there is not enough of it free";
      default -> other(errno);
    };
  }

  private static String spaceCause(int errno) {
    return switch (errno) {
      case ENOSPC -> "no space left on the file system";
      case EDQUOT -> "the quota of the user, group or project is used up";
      case EFBIG -> "over the largest size of a file, of the file system or of the process (`ulimit -f`)";
      case EPERM -> "the file is sealed or immutable, or a seccomp profile forbids the call";
      case EINTR -> "signals to this thread cut it short again and again";
      default -> other(errno);
    };
  }

  private static String other(int errno) {
    return switch (errno) {
      case ENOENT -> "there is no such file";
      case EACCES -> "the permissions of the file or of a directory on the way do not allow it";
      case EMFILE -> "this process has too many files open; raise `ulimit -n`";
      case EROFS -> "the file system is mounted read-only";
      case EIO -> "the disk fails";
      case ENOSYS -> "this kernel has no such call";
      case EOPNOTSUPP -> "this file system has no such call";
      case EPERM -> "not permitted; a seccomp profile may forbid the call";
      case ENOMEM -> "the range is not mapped in full, or the process is at a limit of the kernel";
      default -> "see the call's manual page";
    };
  }

  private static String name(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM";
      case ENOENT -> "ENOENT";
      case EINTR -> "EINTR";
      case EIO -> "EIO";
      case EACCES -> "EACCES";
      case EMFILE -> "EMFILE";
      case EFBIG -> "EFBIG";
      case ENOSPC -> "ENOSPC";
      case EROFS -> "EROFS";
      case ENOSYS -> "ENOSYS";
      case EOPNOTSUPP -> "EOPNOTSUPP";
      case EDQUOT -> "EDQUOT";
      case EAGAIN -> "EAGAIN";
      case ENOMEM -> "ENOMEM";
      case EFAULT -> "EFAULT";
      case EBUSY -> "EBUSY";
      case EINVAL -> "EINVAL";
      default -> "errno " + errno;
    };
  }
}
