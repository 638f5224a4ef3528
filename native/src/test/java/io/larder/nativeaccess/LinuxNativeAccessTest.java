package io.larder.nativeaccess;

import static io.larder.nativeaccess.LinuxNativeAccess.COLLAPSE_ATTEMPTS_MAX;
import static io.larder.nativeaccess.LinuxNativeAccess.COLLAPSE_FAILURES_MAX;
import static io.larder.nativeaccess.LinuxNativeAccess.MADV_COLLAPSE;
import static io.larder.nativeaccess.LinuxNativeAccess.MADV_HUGEPAGE;
import static io.larder.nativeaccess.LinuxNativeAccess.MADV_POPULATE_READ;
import static io.larder.nativeaccess.LinuxNativeAccess.MADV_POPULATE_WRITE;
import static io.larder.nativeaccess.LinuxNativeAccess.MADV_RANDOM;
import static io.larder.nativeaccess.LinuxNativeAccess.MADV_WILLNEED;
import static io.larder.nativeaccess.LinuxNativeAccess.POPULATE_BYTES_MAX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.larder.nativeaccess.NativeResult.Outcome;
import io.larder.nativeaccess.ScriptedLibc.Call;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The requests made of a C library that fails as it is told. */
class LinuxNativeAccessTest {
  private static final long PAGE_BYTES = 4096;
  private static final long HUGE_BYTES = 64 << 10;

  private final ScriptedLibc libc = new ScriptedLibc();
  private final Arena arena = Arena.ofShared();

  @TempDir
  private Path settings;

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void collapsesEachAlignedHugePageWithin() {
    MemorySegment segment = hugePages(5).asSlice(1, 4 * HUGE_BYTES);

    NativeResult result = access().collapse(segment);

    assertThat(result).isEqualTo(NativeResult.done(3 * HUGE_BYTES));
    long first = segment.address() - 1 + HUGE_BYTES;
    assertThat(libc.calls)
        .containsExactly(
            new Call("madvise", first, HUGE_BYTES, MADV_COLLAPSE),
            new Call("madvise", first + HUGE_BYTES, HUGE_BYTES, MADV_COLLAPSE),
            new Call("madvise", first + 2 * HUGE_BYTES, HUGE_BYTES, MADV_COLLAPSE));
  }

  @Test
  void goesOnAfterAHugePageThatCannotBeHad() {
    libc.errors.addAll(List.of(0, SystemCall.ENOMEM, 0));

    NativeResult result = access().collapse(hugePages(3));

    assertThat(result.outcome()).isEqualTo(Outcome.PARTLY);
    assertThat(result.bytes()).isEqualTo(2 * HUGE_BYTES);
    assertThat(result.detail()).contains("ENOMEM");
  }

  @Test
  void triesAgainWhenThePageIsBusyForAnInstant() {
    libc.errors.addAll(List.of(SystemCall.EAGAIN, SystemCall.EAGAIN, 0));

    assertThat(access().collapse(hugePages(1))).isEqualTo(NativeResult.done(HUGE_BYTES));
    assertThat(libc.calls).hasSize(3);
  }

  @Test
  void triesABoundedNumberOfTimes() {
    libc.errorOfTheRest = SystemCall.EAGAIN;

    NativeResult result = access().collapse(hugePages(1));

    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(libc.calls).hasSize(COLLAPSE_ATTEMPTS_MAX);
  }

  @Test
  void givesUpWhenNoHugePageIsToBeHad() {
    libc.errorOfTheRest = SystemCall.ENOMEM;

    NativeResult result = access().collapse(hugePages(3 * COLLAPSE_FAILURES_MAX));

    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.bytes()).isZero();
    assertThat(libc.calls).hasSize(COLLAPSE_FAILURES_MAX);
  }

  @Test
  void aKernelWithoutHugePagesIsNotAsked() {
    NativeAccess access = access(libc, settings);

    NativeResult result = access.collapse(hugePages(1));

    assertThat(result.outcome()).isEqualTo(Outcome.UNAVAILABLE);
    assertThat(result.detail()).contains("no transparent huge pages");
    assertThat(libc.calls).isEmpty();
  }

  @Test
  void adviceThatTheMachineIsSetToIgnoreIsRemarkedOn() throws IOException {
    NativeAccess access = access();
    MemorySegment segment = hugePages(1).asSlice(1);
    long adviseable = HUGE_BYTES - PAGE_BYTES;

    assertThat(access.adviseHugePages(segment)).isEqualTo(NativeResult.done(adviseable));
    Files.writeString(settings.resolve("enabled"), "always madvise [never]");
    NativeResult ignored = access.adviseHugePages(segment);

    assertThat(ignored.isDone()).isTrue();
    assertThat(ignored.detail()).contains("write `madvise` to " + settings.resolve("enabled"));
    assertThat(libc.calls)
        .containsOnly(new Call("madvise", segment.address() - 1 + PAGE_BYTES, adviseable, MADV_HUGEPAGE));
  }

  @Test
  void adviceIsRefusedWithTheReason() {
    libc.errorOfTheRest = SystemCall.EINVAL;

    assertThat(access().adviseHugePages(hugePages(1)).detail()).contains("EINVAL");
    assertThat(access().adviseHugePages(hugePages(1).asSlice(1, 10)).detail()).contains("no whole page");
  }

  @Test
  void populatesByChunksAndSaysHowFarItCame() {
    MemorySegment segment = arena.allocate(2 * POPULATE_BYTES_MAX + PAGE_BYTES, PAGE_BYTES);

    assertThat(access().populateRead(segment)).isEqualTo(NativeResult.done(segment.byteSize()));
    assertThat(libc.calls)
        .containsExactly(
            new Call("madvise", segment.address(), POPULATE_BYTES_MAX, MADV_POPULATE_READ),
            new Call("madvise", segment.address() + POPULATE_BYTES_MAX, POPULATE_BYTES_MAX, MADV_POPULATE_READ),
            new Call("madvise", segment.address() + 2 * POPULATE_BYTES_MAX, PAGE_BYTES, MADV_POPULATE_READ));

    libc.errors.addAll(List.of(0, SystemCall.EFAULT));
    NativeResult result = access().populateRead(segment);
    assertThat(result.outcome()).isEqualTo(Outcome.PARTLY);
    assertThat(result.bytes()).isEqualTo(POPULATE_BYTES_MAX);
    assertThat(result.detail()).contains("EFAULT");
  }

  @Test
  void populatesThePagesCoveringAPart() {
    MemorySegment segment = hugePages(1);
    NativeAccess access = access();
    long second = segment.address() + PAGE_BYTES;

    assertThat(access.populate(segment, PAGE_BYTES + 1, PAGE_BYTES - 1, false)).isEqualTo(Population.DONE);
    assertThat(access.populate(segment, PAGE_BYTES + 1, PAGE_BYTES, true)).isEqualTo(Population.DONE);
    assertThat(access.populate(segment, PAGE_BYTES, 0, true)).isEqualTo(Population.DONE);

    assertThat(libc.calls)
        .containsExactly(
            new Call("madvise", second, PAGE_BYTES, MADV_POPULATE_READ),
            new Call("madvise", second, 2 * PAGE_BYTES, MADV_WILLNEED),
            new Call("madvise", second, 2 * PAGE_BYTES, MADV_POPULATE_WRITE));
  }

  @ParameterizedTest
  @CsvSource({
    "14, NOTHING_BEHIND", "133, NOTHING_BEHIND", "22, UNAVAILABLE", "12, REFUSED", "4, REFUSED", "11, REFUSED"
  })
  void populatingThatIsRefusedHasAReason(int errno, Population expected) {
    libc.errorOfTheRest = errno;

    assertThat(access().populate(hugePages(1), 0, 1, false)).isEqualTo(expected);
    assertThat(access().populate(hugePages(1), 0, HUGE_BYTES, true)).as("of many pages").isEqualTo(expected);
  }

  @Test
  void advisesThePagesCoveringTheSegment() {
    MemorySegment part = hugePages(1).asSlice(PAGE_BYTES - 1, 2);
    libc.errors.addAll(List.of(0, SystemCall.ENOMEM));

    assertThat(access().adviseRandom(part)).isEqualTo(NativeResult.done(2 * PAGE_BYTES));
    assertThat(access().adviseRandom(part).detail()).contains("ENOMEM");
    assertThat(libc.calls)
        .containsOnly(new Call("madvise", part.address() - PAGE_BYTES + 1, 2 * PAGE_BYTES, MADV_RANDOM));
  }

  @Test
  void locksThePagesCoveringTheSegment() {
    MemorySegment part = hugePages(1).asSlice(PAGE_BYTES - 1, 2);

    assertThat(access().lock(part)).isEqualTo(NativeResult.done(2 * PAGE_BYTES));
    assertThat(access().unlock(part)).isEqualTo(NativeResult.done(2 * PAGE_BYTES));

    long start = part.address() - PAGE_BYTES + 1;
    assertThat(libc.calls)
        .containsExactly(new Call("mlock", start, 2 * PAGE_BYTES, 0), new Call("munlock", start, 2 * PAGE_BYTES, 0));
  }

  @Test
  void aLockOverTheLimitIsRefusedWithTheLimit() {
    libc.errors.add(SystemCall.ENOMEM);

    NativeResult result = access().lock(hugePages(1));

    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.bytes()).isZero();
    assertThat(result.detail()).contains("ulimit -l");
  }

  @Test
  void nothingIsAskedForAnEmptySegment() {
    MemorySegment empty = hugePages(1).asSlice(10, 0);

    assertThat(access().lock(empty)).isEqualTo(NativeResult.done(0));
    assertThat(access().unlock(empty)).isEqualTo(NativeResult.done(0));
    assertThat(access().populateRead(empty)).isEqualTo(NativeResult.done(0));
    assertThat(access().adviseRandom(empty)).isEqualTo(NativeResult.done(0));
    assertThat(access().residentBytes(empty)).isZero();
    assertThat(libc.calls).isEmpty();
  }

  @Test
  void countsTheSegmentsBytesOnResidentPages() {
    MemorySegment segment = hugePages(1).asSlice(1000, 3 * PAGE_BYTES);

    libc.residency = new byte[] {1, 0, 1, 1};
    assertThat(access().residentBytes(segment)).isEqualTo(2 * PAGE_BYTES);
    // The upper bits of each byte are undefined.
    libc.residency = new byte[] {0, (byte) 0xfe, (byte) 0xff, 0};
    assertThat(access().residentBytes(segment)).isEqualTo(PAGE_BYTES);
    libc.residency = new byte[] {0, 0, 0, 1};
    assertThat(access().residentBytes(segment)).isEqualTo(1000);
    libc.residency = new byte[] {1, 0, 0, 0};
    assertThat(access().residentBytes(segment)).isEqualTo(PAGE_BYTES - 1000);
  }

  @Test
  void residencyThatCannotBeToldIsUnknown() {
    libc.errors.add(SystemCall.EAGAIN);

    assertThat(access().residentBytes(hugePages(1))).isEqualTo(NativeAccess.UNKNOWN_BYTES);
  }

  @Test
  void anImplausiblePageSizeIsNotAccepted() {
    libc.pageBytes = 0;
    assertThatIllegalStateException().isThrownBy(this::access).withMessageContaining("getpagesize()=0");
    libc.pageBytes = 5000;
    assertThatIllegalStateException().isThrownBy(this::access);
  }

  private NativeAccess access() {
    try {
      Files.writeString(settings.resolve("hpage_pmd_size"), Long.toString(HUGE_BYTES));
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
    return access(libc, settings);
  }

  private static NativeAccess access(ScriptedLibc libc, Path settings) {
    return new LinuxNativeAccess(
        libc,
        libc::lastErrno,
        TransparentHugePages.of(settings),
        new LinuxFiles(libc, libc::lastErrno, LinuxFiles.OWN_DESCRIPTORS));
  }

  private MemorySegment hugePages(int count) {
    return arena.allocate(count * HUGE_BYTES, HUGE_BYTES);
  }
}
