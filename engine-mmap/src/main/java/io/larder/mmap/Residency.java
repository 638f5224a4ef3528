package io.larder.mmap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;

/**
 * Which pages of a mapped file are known to be in memory: two bits for each, on the heap.
 *
 * <p>A fault taken in compiled Java code holds up every safepoint, for as long as the disk takes. So a page is brought
 * in by a call of the system before it is accessed, and that it was is remembered for a while. The system may drop it
 * again without a word; so all that is known is forgotten about once a second ({@link #forget}), and each page that is
 * used again costs another call, of about a microsecond where it is still there. That is dearer than to ask the system
 * in the background which pages it has dropped. But the call is also a use of the page in the eyes of the system, which
 * counts no others where pages are said to be used in no order; so it keeps what is in use.
 *
 * <p>A page that can be read may still fault when it is written to, since the file system wants to know of the first
 * change after each time that it was written to the disk. So what may be written to is known apart.
 *
 * <p>One page at a time, for what is brought in besides takes the place of something that was asked for: entries lie
 * in no order that would make their neighbours likely. An access to several pages brings them in together.
 *
 * <pre>
 * RES-1  No access waits for a disk that is known to be needed
 *   Shared     : readable, writable: a bit for each page
 *   Threads    : any that access the memory; one or more that forget
 *   Invariant  : who accesses a page has read that its bit is set, or has brought the page in himself
 *   Accessor   : A1 plain read of the bit; if it is 0: A2 bring the page in  A3 set the bit, by an atomic or
 *                A4 access
 *   Forgetter  : F1 plain store of 0 to each word
 *   Argument   : A2 comes before A3, and only A3 sets bits. The page may be dropped at any time behind A2, so a bit
 *                says what was true once, F1 ago at the most; an access to a page that is not there is a fault, which
 *                takes its time and is right. So nothing is ordered by the bits, and plain reads will do
 *   Races      : F1 may undo an A3 of the same moment, and A1 may miss an A3: another call. A1 may read a bit that F1
 *                clears just then: as if it had come before
 *   Closing    : LOST-1 holds, since A2 changes no byte of the memory, and A4 fails behind the closing
 *   Checked by : ResidencyTest, TierResidencyTest
 * </pre>
 *
 * <p>A record, so that the JIT compiler takes its components for constants where it is one, as those of {@code
 * SegmentMemory}.
 *
 * @param bytes the size of what is mapped
 * @param readable a bit for each page that can be read without a fault
 * @param writable a bit for each page that can be written to without a fault
 * @param source who brings them in
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Residency(long bytes, long[] readable, long[] writable, PageSource source) {
  /** A page is 4 KiB here. Those of the system may be larger, and come in whole. */
  private static final int PAGE_SHIFT = 12;

  private static final long PAGE_BYTES = 1L << PAGE_SHIFT;
  private static final int PAGES_SHIFT = 6;
  private static final int WORD_SHIFT = PAGE_SHIFT + PAGES_SHIFT;
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  /** Nothing is known yet. */
  static Residency of(long bytes, PageSource source) {
    int words = Math.toIntExact((bytes >>> WORD_SHIFT) + 1);
    return new Residency(bytes, new long[words], new long[words], source);
  }

  /** Sees to it that a range can be read; one of no bytes, or outside, is left to the access. */
  void read(long offset, long length) {
    if (length > 0 && !areSet(readable, offset, length)) {
      bringIn(offset, length, false);
    }
  }

  /** Sees to it that a range can be written to, and read. */
  void write(long offset, long length) {
    if (length > 0 && !areSet(writable, offset, length)) {
      bringIn(offset, length, true);
    }
  }

  /** As {@link #read(long, long)}, of what lies on one page. */
  void readWord(long offset) {
    if (isClear(readable, offset)) {
      bringIn(offset, 1, false);
    }
  }

  /** As {@link #write(long, long)}, of what lies on one page. */
  void writeWord(long offset) {
    if (isClear(writable, offset)) {
      bringIn(offset, 1, true);
    }
  }

  /** An offset outside may meet the bit of another page: the access will refuse it. */
  private static boolean isClear(long[] bits, long offset) {
    return (bits[(int) (offset >>> WORD_SHIFT)] >>> (offset >>> PAGE_SHIFT) & 1) == 0;
  }

  private static boolean areSet(long[] bits, long offset, long length) {
    long last = offset + length - 1;
    if (isClear(bits, offset)) {
      return false;
    }
    if ((offset ^ last) >>> PAGE_SHIFT == 0) {
      return true;
    }
    if (isClear(bits, last)) {
      return false;
    }
    for (long seen = PAGE_BYTES; seen < length; seen += PAGE_BYTES) {
      if (isClear(bits, offset + seen)) {
        return false;
      }
    }
    return true;
  }

  private void bringIn(long offset, long length, boolean forWriting) {
    Objects.checkFromIndexSize(offset, length, bytes);
    source.bringIn(offset, length, forWriting);
    long last = (offset + length - 1) >>> PAGE_SHIFT;
    for (long page = offset >>> PAGE_SHIFT; page <= last; page++) {
      set(readable, page);
      if (forWriting) {
        set(writable, page);
      }
    }
  }

  private static void set(long[] bits, long page) {
    WORDS.getAndBitwiseOr(bits, (int) (page >>> PAGES_SHIFT), 1L << page);
  }

  /** Forgets all of it. To be called about once a second; 64 KiB are cleared for each GiB. */
  void forget() {
    Arrays.fill(readable, 0);
    Arrays.fill(writable, 0);
  }
}
