package io.larder.nativeaccess;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * The operating-system calls that Larder can use to go faster or to harden itself, all of them optional.
 *
 * <p>Expected refusals are results, not exceptions. Methods on files may be called from any thread. The others take a
 * native segment (memory of an arena or a mapped file) and may be called from any thread that may access it; the caller
 * keeps its arena open until the call has returned. An empty segment is {@link NativeResult.Outcome#DONE} with 0 bytes
 * wherever whole pages are not asked for. Each of them throws
 *
 * <ul>
 *   <li>{@link IllegalArgumentException} when the segment is on the heap: the kernel cannot be told about memory the
 *       collector moves;
 *   <li>{@link IllegalStateException} when the segment's arena is closed, or confined to another thread.
 * </ul>
 *
 * <p>"Page" is the kernel's base page of {@link #pageBytes()}. A method either takes the pages that lie <i>within</i>
 * the segment or those <i>covering</i> it, up to a page more at each end, and says which.
 */
public interface NativeAccess {

  /** What {@link #residentBytes(MemorySegment)} answers when the kernel cannot be asked. */
  long UNKNOWN_BYTES = -1;

  /**
   * The calls of this operating system, or the twin that refuses all of them; always the same object.
   *
   * <p>The choice is made at the first call and holds for the life of the JVM; the package documentation says how. It
   * costs the loading of JNR-FFI (a temporary file, some hundred classes) where that is permitted, and one failed class
   * look-up or less where it is not. The twin logs one line at level INFO, naming the flag that enables the calls, when
   * it first refuses something.
   */
  static NativeAccess available() {
    return NativeAccessChoice.Cached.INSTANCE;
  }

  /** The twin that refuses everything and logs nothing, for whoever switches native calls off. */
  static NativeAccess none() {
    return NoNativeAccess.SWITCHED_OFF;
  }

  /** Whether calls reach the operating system; {@code false} for the twin. A call may still be refused. */
  boolean isAvailable();

  /** Size of a page in bytes, a power of two; 4096 where the kernel cannot be asked. No system call. */
  long pageBytes();

  /**
   * Size of a huge page in bytes, a power of two (2 MiB on most machines), or 0 where there are none or the kernel
   * cannot be asked. Memory aligned to it gains most from {@link #collapse(MemorySegment)}. No system call.
   */
  long hugePageBytes();

  /**
   * Asks that the pages <i>within</i> the segment be backed by huge pages from now on: {@code madvise(MADV_HUGEPAGE)}.
   *
   * <p>The kernel heeds it when a page is touched for the first time, and in the background, without promise, for pages
   * that are there already. Memory of {@code Arena.allocate} has been touched by then, since it is filled with zeros:
   * use {@link #collapse(MemorySegment)} for it.
   *
   * @return DONE with the bytes advised, and a detail if the machine is set to ignore the advice; REFUSED when the
   *     segment holds no whole page or the kernel has no huge pages; UNAVAILABLE from the twin
   */
  NativeResult adviseHugePages(MemorySegment segment);

  /**
   * Copies the content of the segment into huge pages now, as far as the kernel can find them: {@code
   * madvise(MADV_COLLAPSE)}, Linux 6.1 or newer.
   *
   * <p>Only aligned huge pages <i>within</i> the segment count; its ends stay as they are. Readers and writers of the
   * segment may go on meanwhile, each waiting while its own page is copied. Holes become resident, so a sparse range
   * grows. One system call and one copy of {@link #hugePageBytes()} per huge page that is not one already; given up
   * after 8 failures in a row.
   *
   * @return DONE when all of them are huge now, PARTLY when some are, with the bytes backed in both; REFUSED when none
   *     is; UNAVAILABLE from the twin or where the kernel has no huge pages
   */
  NativeResult collapse(MemorySegment segment);

  /**
   * Brings the pages <i>covering</i> the segment into memory and keeps them there, out of the reach of swapping: {@code
   * mlock}.
   *
   * <p>Locks do not count: one {@link #unlock(MemorySegment)} undoes any number of them, also on a page shared with a
   * neighbouring segment. The lock ends with the mapping. The cost is a page fault, or a read from disk, for each page
   * not yet resident.
   *
   * @return DONE with the bytes locked; REFUSED with the limit as the reason ({@code ulimit -l}) or the kernel's; then
   *     nothing, or in rare cases a part, is locked; UNAVAILABLE from the twin
   */
  NativeResult lock(MemorySegment segment);

  /**
   * Lets the pages <i>covering</i> the segment be swapped again: {@code munlock}. Pages that were not locked are no
   * failure.
   *
   * @return DONE with the bytes unlocked; REFUSED with the kernel's reason; UNAVAILABLE from the twin
   */
  NativeResult unlock(MemorySegment segment);

  /**
   * Makes the pages <i>covering</i> the segment readable without a page fault, reading them from their file if need be,
   * and changes none: {@code madvise(MADV_POPULATE_READ)}, Linux 5.14 or newer.
   *
   * <p>Unlike a page fault taken by Java code, this waits in native state and holds up no safepoint; and where a page
   * cannot be brought in (a file cut short, a full disk) it is a refusal, not a signal. They may be evicted again at
   * any time after. One system call per 64 MiB.
   *
   * @return DONE when all pages are in; PARTLY when a leading part is, with its bytes; REFUSED when none is;
   *     UNAVAILABLE from the twin
   */
  NativeResult populateRead(MemorySegment segment);

  /**
   * As {@link #populateRead}, of a part of a segment, for those who do it often: nothing is allocated, and a refusal
   * has no text. Of several pages that have to be read from a file the disk is told first, by {@code
   * madvise(MADV_WILLNEED)}, so that it is one wait and not one for each. One system call, two for more than a page.
   *
   * @param offset where the part begins, in bytes from the start of the segment
   * @param bytes how many, 0 or more
   * @param forWriting whether they are to be writable without a page fault, too, {@code madvise(MADV_POPULATE_WRITE)};
   *     then the kernel takes them for changed, and writes them to their file
   * @throws IndexOutOfBoundsException when the part is not within the segment
   */
  Population populate(MemorySegment segment, long offset, long bytes, boolean forWriting);

  /**
   * Tells the kernel that the pages <i>covering</i> the segment, of a mapped file, are used in no order: {@code
   * madvise(MADV_RANDOM)}. A page that is missing is then read alone, and not with hundreds around it, which takes many
   * times as long where the disk is set to read ahead far.
   *
   * @return DONE with the bytes advised; REFUSED with the kernel's reason; UNAVAILABLE from the twin
   */
  NativeResult adviseRandom(MemorySegment segment);

  /**
   * The bytes of the segment that lie on pages in memory, 0 to its size: {@code mincore}.
   *
   * <p>For private memory these are the pages this process has touched and that are not swapped out; for a mapped file,
   * the pages in the kernel's page cache, whoever brought them in. A snapshot that may be old when it is returned. One
   * system call and a 16 KiB answer per 16,384 pages.
   *
   * @return the count, or {@link #UNKNOWN_BYTES} from the twin or when the kernel refuses
   */
  long residentBytes(MemorySegment segment);

  /**
   * Takes space for a range of a file from its file system now, so that no later write to the range can find the disk
   * full: {@code fallocate}. What the file holds stays as it is; where it held nothing it reads as zeros, and it
   * becomes longer if the range ends behind it.
   *
   * <p>The C library's {@code posix_fallocate} is not used: where the file system has no such call it reads and writes
   * a byte of each block, over the head of whoever is writing there.
   *
   * <p>The file is opened for the length of the call, and closed. By POSIX that drops every {@code fcntl} lock that
   * this process has on it: never to be called for a file that carries one. File systems that write each change to a
   * new place (btrfs, zfs) may need space again when the range is rewritten. One system call per 16 MiB.
   *
   * @param fileKey what {@link java.nio.file.attribute.BasicFileAttributes#fileKey()} says of the file that is meant;
   *     if another one has taken its place that one stays untouched
   * @param from first byte, 0 or more
   * @param bytes how many, 0 or more
   * @return DONE; PARTLY when a leading part is reserved, with its bytes; REFUSED with the reason, such as a full disk;
   *     UNAVAILABLE from the twin, where this kernel or file system has no such call, and where the file cannot be told
   *     from another
   * @throws IllegalArgumentException when the range is negative
   */
  NativeResult reserve(Path file, Object fileKey, long from, long bytes);

  /**
   * Gives the space of a range of a file back to its file system: {@code fallocate(FALLOC_FL_PUNCH_HOLE)}. The range
   * reads as zeros from then on, through mappings as well; the file keeps its size. A range beyond the end is no
   * failure.
   *
   * <p>A write to the range through a mapping takes space again, and where there is none ends its process by a signal;
   * on tmpfs a read does, too. The file is opened as by {@link #reserve}, with the same caution about locks.
   *
   * @param fileKey as for {@link #reserve}
   * @param from first byte, 0 or more
   * @param bytes how many, 0 or more; of blocks that the range covers in part no more than the content is lost
   * @return DONE; PARTLY when a leading part is given back, with its bytes; REFUSED with the reason; UNAVAILABLE as for
   *     {@link #reserve}
   * @throws IllegalArgumentException when the range is negative
   */
  NativeResult giveBack(Path file, Object fileKey, long from, long bytes);

  /**
   * Drops what the kernel keeps of a file in memory, as far as it is on the disk and nobody has it mapped: {@code
   * posix_fadvise(POSIX_FADV_DONTNEED)}. For tests and benchmarks, which want a file that is cold. The file is opened
   * as by {@link #reserve}.
   *
   * @param fileKey as for {@link #reserve}
   * @return DONE with 0 bytes, as the kernel does not say how many; REFUSED with the reason; UNAVAILABLE as for {@link
   *     #reserve}
   */
  NativeResult dropCached(Path file, Object fileKey);

  /**
   * Which file system an existing file or directory is on, by the kernel and not by the table of mounts, which may be
   * hidden or name something else: {@code statfs}.
   *
   * @return its type with the outcome DONE, or none with REFUSED or UNAVAILABLE and the reason
   */
  FileSystemType fileSystem(Path existing);
}
