package io.larder.mmap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.larder.mmap.RegionFileException.Reason;
import io.larder.mmap.Reservation.How;
import io.larder.mmap.Reservation.Result;
import io.larder.nativeaccess.NativeAccess;
import io.larder.nativeaccess.NativeResult;
import io.larder.nativeaccess.NativeResult.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs in two JVMs: one in which native access is denied, and one in which it is enabled. */
class ReservationTest {
  private static final int OLD_BYTES = 3 << 20;
  private static final int FROM = 1 << 20;
  private static final int TO = 2 << 20;
  private static final byte OLD = 0x55;

  private final TestHost host = new TestHost();

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void make() throws IOException {
    file = directory.toRealPath().resolve("file");
    byte[] old = new byte[OLD_BYTES];
    Arrays.fill(old, OLD);
    Files.write(file, old);
  }

  private Reservation reservation() throws IOException {
    return Reservation.of(file, host);
  }

  private TestSystem scripted() {
    TestSystem system = new TestSystem();
    host.system = system;
    return system;
  }

  /** All zero within the range, as before outside of it. */
  private void assertZero(int from, int to) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    byte[] expected = new byte[bytes.length];
    Arrays.fill(expected, 0, OLD_BYTES, OLD);
    Arrays.fill(expected, from, Math.min(to, expected.length), (byte) 0);
    assertThat(Arrays.mismatch(bytes, expected)).as("first byte that is not as expected").isEqualTo(-1);
  }

  private long diskBytes() throws IOException {
    Process du = new ProcessBuilder("du", "-k", file.toString()).start();
    return Long.parseLong(new String(du.getInputStream().readAllBytes(), UTF_8).split("\\s", -1)[0]) << 10;
  }

  // ---- taking

  @ParameterizedTest
  @ValueSource(ints = {0, FROM, FROM + 77, OLD_BYTES - 1, OLD_BYTES, OLD_BYTES + 4096})
  void whatIsReservedIsZeroAndHasItsPlace(int from) throws IOException {
    int to = OLD_BYTES + (2 << 20) + 1;
    Result result = reservation().reserve(from, to);

    assertThat(result.bytes()).isEqualTo(to - from);
    assertThat(result.how()).isNotEqualTo(How.NOT_AT_ALL);
    assertThat(file).hasSize(to);
    assertZero(from, to);
    assertThat(diskBytes()).isGreaterThanOrEqualTo(to - Math.max(0, from - OLD_BYTES));
  }

  @Test
  void theSystemIsAskedWhereItCanBe() throws IOException {
    assertThat(host.system.isAvailable()).isEqualTo(Boolean.getBoolean("larder.test.nativeAccessEnabled"));
    Result result = reservation().reserve(OLD_BYTES, 2 * OLD_BYTES);
    if (host.system.isAvailable()) {
      assumeTrue(result.how() == How.BY_THE_SYSTEM, result.detail());
      assertThat(result.detail()).isEmpty();
    } else {
      assertThat(result.how()).isEqualTo(How.BY_WRITING);
      assertThat(result.detail()).isNotEmpty();
    }
  }

  @Test
  void mappingsSeeWhatHappens() throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment mapped = channel.map(MapMode.READ_WRITE, 0, OLD_BYTES, arena);
      mapped.set(ValueLayout.JAVA_INT, FROM - 4, 1);
      mapped.set(ValueLayout.JAVA_INT, FROM, 2);
      mapped.set(ValueLayout.JAVA_INT, TO, 3);
      Result givenBack = reservation().giveBack(FROM, TO);
      assertThat(mapped.get(ValueLayout.JAVA_INT, FROM)).isEqualTo(givenBack.how() == How.BY_THE_SYSTEM ? 0 : 2);
      reservation().reserve(FROM, TO);
      assertThat(mapped.asSlice(FROM, TO - FROM).mismatch(MemorySegment.ofArray(new byte[TO - FROM]))).isEqualTo(-1);
      assertThat(mapped.get(ValueLayout.JAVA_INT, FROM - 4)).isEqualTo(1);
      assertThat(mapped.get(ValueLayout.JAVA_INT, TO)).isEqualTo(3);
      mapped.set(ValueLayout.JAVA_INT, FROM, 4);
      assertThat(Files.readAllBytes(file)[FROM]).isEqualTo((byte) 4);
    }
  }

  @Test
  void writesWhereTheSystemHasNoSuchCall() throws IOException {
    TestSystem system = scripted();
    assertThat(reservation().reserve(OLD_BYTES, 2 * OLD_BYTES))
        .isEqualTo(new Result(How.BY_WRITING, OLD_BYTES, "no such call here"));
    assertThat(system.calls).containsExactly("reserve " + OLD_BYTES + " " + OLD_BYTES);
    assertZero(OLD_BYTES, 2 * OLD_BYTES);
  }

  /** Otherwise what was there before would show. */
  @Test
  void writesOverWhatTheSystemCannotEmpty() throws IOException {
    TestSystem system = scripted();
    system.reserved = new NativeResult(Outcome.DONE, TO - FROM, "");
    assertThat(reservation().reserve(FROM, TO).how()).isEqualTo(How.BY_WRITING);
    assertZero(FROM, TO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"btrfs", "zfs"})
  void writesWherePagesChangeTheirPlace(String type) throws IOException {
    TestSystem system = scripted();
    host.type = type;
    Result result = reservation().reserve(FROM, TO);
    assertThat(result.how()).isEqualTo(How.BY_WRITING);
    assertThat(result.detail()).contains("new place");
    assertThat(system.calls).isEmpty();
    assertZero(FROM, TO);
  }

  @Test
  void aFullDiskIsAClearRefusalAndNothingIsKept() throws IOException {
    TestSystem system = scripted();
    system.reserved = new NativeResult(Outcome.PARTLY, 4096, "the disk is full");
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(() -> reservation().reserve(OLD_BYTES, OLD_BYTES + 8192))
        .withMessageContainingAll(file.toString(), "needed 8192 bytes", "written 4096", "usable ", "the disk is full")
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.NO_SPACE));
    assertThat(system.calls).containsExactly("reserve " + OLD_BYTES + " 8192", "giveBack " + OLD_BYTES + " 8192");
  }

  @Test
  void anotherFileInItsPlaceStaysUntouched() throws IOException {
    Reservation reservation = reservation();
    Files.move(file, file.resolveSibling("aside"));
    make();
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(() -> reservation.reserve(FROM, TO))
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.REPLACED));
    assertThat(reservation.giveBack(FROM, TO).how()).isEqualTo(How.NOT_AT_ALL);
    assertZero(0, 0);
  }

  @Test
  void anInterruptIsNoFullDisk() throws IOException {
    host.system = NativeAccess.none();
    Reservation reservation = reservation();
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(InterruptedIOException.class)
          .isThrownBy(() -> reservation.reserve(FROM, TO))
          .withMessageContaining(file.toString());
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  // ---- giving back

  @Test
  void whatIsGivenBackIsFreeOrAsItWas() throws IOException {
    Result result = reservation().giveBack(FROM, TO);
    assertThat(file).hasSize(OLD_BYTES);
    if (result.how() == How.BY_THE_SYSTEM) {
      assertThat(result).isEqualTo(new Result(How.BY_THE_SYSTEM, TO - FROM, ""));
      assertZero(FROM, TO);
      assertThat(diskBytes()).isLessThan(OLD_BYTES);
    } else {
      assertThat(result.how()).isEqualTo(How.NOT_AT_ALL);
      assertThat(result.bytes()).isZero();
      assertThat(result.detail()).isNotEmpty();
      assertZero(0, 0);
    }
    reservation().reserve(FROM, TO);
    assertThat(diskBytes()).isGreaterThanOrEqualTo(OLD_BYTES);
    assertZero(FROM, TO);
  }

  @Test
  void saysWhenOnlyAPartWasGivenBack() throws IOException {
    TestSystem system = scripted();
    system.givenBack = new NativeResult(Outcome.PARTLY, 4096, "enough");
    assertThat(reservation().giveBack(FROM, TO)).isEqualTo(new Result(How.BY_THE_SYSTEM, 4096, "enough"));
  }

  @Test
  void rangesHaveLimits() throws IOException {
    Reservation reservation = reservation();
    for (long[] range : new long[][] {{-1, 1}, {2, 1}}) {
      assertThatIllegalArgumentException().isThrownBy(() -> reservation.reserve(range[0], range[1]));
      assertThatIllegalArgumentException().isThrownBy(() -> reservation.giveBack(range[0], range[1]));
    }
    assertZero(0, 0);
  }
}
