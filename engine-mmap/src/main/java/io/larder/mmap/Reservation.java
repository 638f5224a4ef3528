package io.larder.mmap;

import io.larder.mmap.RegionFileException.Reason;
import io.larder.nativeaccess.NativeAccess;
import io.larder.nativeaccess.NativeResult;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The space of a region's file: taken from the file system before it is touched through a mapping, and given back when
 * nobody touches it any more. A page that finds no place when it is first touched would end its process by a signal.
 *
 * <p>The system is asked where it can be, and zeros are written otherwise. Both may be done while the file is mapped,
 * by this and by other processes; the range itself must be out of use, since what was in it is lost.
 *
 * <p>It acts by path, on the file that was there when it was made: another one that has taken its place stays
 * untouched. Any thread may call; two that mean the same bytes must take turns. No lock is taken, and the file must
 * carry none: opening and closing it drops those that this process has on it.
 */
final class Reservation {
  private static final int CHUNK_BYTES = 1 << 20;

  private final Path file;
  private final @Nullable Object fileKey;
  private final Host host;

  private Reservation(Path file, @Nullable Object fileKey, Host host) {
    this.file = file;
    this.fileKey = fileKey;
    this.host = host;
  }

  /** Of the file that is at a path now. */
  static Reservation of(Path file, Host host) throws IOException {
    return new Reservation(file, key(file), host);
  }

  private static @Nullable Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /** How a request was met. */
  enum How {
    /** By a call of the system; no byte was written. */
    BY_THE_SYSTEM,
    /** Zeros were written. */
    BY_WRITING,
    /** Nothing was done: the space is as it was. */
    NOT_AT_ALL
  }

  /**
   * What became of a request.
   *
   * @param how how it was met
   * @param bytes for how many bytes from the start of the range, 0 or more
   * @param detail why the system was not asked, or what it has refused; empty when there is nothing to say
   */
  record Result(How how, long bytes, String detail) {}

  /**
   * Takes space for a range, and makes all of it zero. The file becomes longer if the range ends behind it. When this
   * returns no process that writes to the range through a mapping can find the disk full; but on file systems that
   * write each change to a new place it may, see {@link Volume#copiesOnWrite}, though here all of it is written once.
   *
   * @param from first byte, from the start of the region
   * @param to behind the last byte
   * @return how it was met, never {@link How#NOT_AT_ALL}
   * @throws RegionFileException with {@link Reason#NO_SPACE} when the file system refuses; what had been taken is given
   *     back where that is possible, the file may be longer. With {@link Reason#REPLACED} when another file has taken
   *     its place
   * @throws InterruptedIOException when the thread is interrupted while it writes; the range may be written in part
   *     then, and the interrupt stays pending
   */
  Result reserve(long from, long to) throws IOException {
    requireRange(from, to);
    NativeResult asked = reserveByTheSystem(from, to);
    return switch (asked.outcome()) {
      case DONE -> new Result(How.BY_THE_SYSTEM, to - from, "");
      case UNAVAILABLE -> {
        writeZeros(from, to);
        yield new Result(How.BY_WRITING, to - from, asked.detail());
      }
      case PARTLY, REFUSED -> {
        checkStillThere();
        throw noSpace(from, to, asked.bytes(), asked.detail(), null);
      }
    };
  }

  /** Without a byte written: UNAVAILABLE leaves the file as it is, but for what was in the range. */
  private NativeResult reserveByTheSystem(long from, long to) throws IOException {
    NativeAccess system = host.nativeAccess();
    if (fileKey == null) {
      return unavailable("files cannot be told apart on this system");
    }
    if (system.isAvailable() && host.volume(file).copiesOnWrite()) {
      return unavailable("this file system writes each change to a new place");
    }
    long emptyFrom = Math.max(from, Math.min(to, Files.size(file)));
    if (emptyFrom > from) {
      NativeResult emptied = system.giveBack(file, fileKey, from, emptyFrom - from);
      if (!emptied.isDone()) {
        return unavailable(emptied.detail());
      }
    }
    return system.reserve(file, fileKey, from, to - from);
  }

  private void writeZeros(long from, long to) throws IOException {
    long at = from;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        Arena arena = Arena.ofConfined()) {
      checkStillThere();
      ByteBuffer zeros = arena.allocate(CHUNK_BYTES).asByteBuffer();
      while (at < to) {
        zeros.clear().limit((int) Math.min(CHUNK_BYTES, to - at));
        while (zeros.hasRemaining()) {
          at += channel.write(zeros, at);
        }
      }
    } catch (RegionFileException replaced) {
      throw replaced;
    } catch (ClosedByInterruptException interrupt) {
      throw interrupted(file, interrupt);
    } catch (IOException failure) {
      throw noSpace(from, to, at - from, String.valueOf(failure.getMessage()), failure);
    }
  }

  /** What is thrown when an interrupt has closed the channel of a file. */
  static InterruptedIOException interrupted(Path file, ClosedByInterruptException cause) {
    InterruptedIOException failure = new InterruptedIOException(file + ": interrupted while its space was reserved");
    failure.initCause(cause);
    return failure;
  }

  private void checkStillThere() throws IOException {
    if (!Objects.equals(fileKey, key(file))) {
      throw new RegionFileException(
          Reason.REPLACED, file, "found another file, expected the one whose space is to be reserved");
    }
  }

  private RegionFileException noSpace(
      long from, long to, long takenBytes, String problem, @Nullable Throwable cause) throws IOException {
    long usableBytes = host.volume(file).usableBytes();
    giveBack(from, to);
    return new RegionFileException(
        Reason.NO_SPACE,
        file,
        "its space cannot be reserved: needed " + (to - from) + " bytes, written " + takenBytes + ", usable "
            + usableBytes + ": " + problem,
        cause);
  }

  /**
   * Gives the space of a range back to the file system, where the system can be asked for that; otherwise nothing is
   * done. The file keeps its size. What was in the range is lost, or is not: read nothing there.
   *
   * <p>Until the range is reserved again nobody may touch it through a mapping: a write takes space anew and may find
   * none; on tmpfs a read does, too.
   *
   * @param from first byte, from the start of the region
   * @param to behind the last byte
   * @return {@link How#BY_THE_SYSTEM}, with fewer bytes than the range has when only a part was given back; or {@link
   *     How#NOT_AT_ALL} with the reason
   */
  Result giveBack(long from, long to) {
    requireRange(from, to);
    NativeResult asked =
        fileKey == null
            ? unavailable("files cannot be told apart on this system")
            : host.nativeAccess().giveBack(file, fileKey, from, to - from);
    return new Result(
        asked.isDone() || asked.bytes() > 0 ? How.BY_THE_SYSTEM : How.NOT_AT_ALL, asked.bytes(), asked.detail());
  }

  private static NativeResult unavailable(String reason) {
    return new NativeResult(NativeResult.Outcome.UNAVAILABLE, 0, reason);
  }

  private static void requireRange(long from, long to) {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("from=" + from + " to=" + to + " is no range of a file");
    }
  }
}
