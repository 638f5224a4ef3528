package io.larder.jmh.trace;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.tukaani.xz.XZInputStream;

/**
 * A trace in a file, {@code NAME.ltrc}, or compressed {@code NAME.ltrc.xz}. All of it is little-endian: a header of 16
 * bytes (magic {@code LTRC}, version and flags of two bytes each, count of eight), then for each request a record of 16
 * bytes (key of eight, size in bytes and time to live in seconds of four each, unsigned). Of the flags only {@link
 * #SIZES_ARE_REAL} matters here. Times to live are not looked at.
 *
 * @param file the file
 */
public record TraceFile(Path file) implements TraceSource {
  static final String MAGIC = "LTRC";
  static final int VERSION = 1;
  static final int SIZES_ARE_REAL = 1;
  static final int HEADER_BYTES = 16;
  static final int RECORD_BYTES = 16;

  private static final String PLAIN = ".ltrc";
  private static final String COMPRESSED = ".ltrc.xz";
  private static final long REQUESTS_MAX = 1L << 30;
  private static final int CHUNK_RECORDS = 4096;

  /**
   * All traces of a directory, by name.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static List<TraceSource> in(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<TraceSource> found =
          files
              .filter(file -> file.toString().endsWith(PLAIN) || file.toString().endsWith(COMPRESSED))
              .<TraceSource>map(TraceFile::new)
              .sorted(Comparator.comparing(TraceSource::name))
              .toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException(
            "--traces=" + directory + " has no file NAME" + PLAIN + " or NAME" + COMPRESSED);
      }
      return found;
    }
  }

  @Override
  public String name() {
    String name = String.valueOf(file.getFileName());
    return name.substring(0, name.length() - (compressed() ? COMPRESSED : PLAIN).length());
  }

  private boolean compressed() {
    return file.toString().endsWith(COMPRESSED);
  }

  @Override
  public Trace load() throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        InputStream in = compressed() ? new XZInputStream(raw) : raw) {
      return read(in);
    } catch (WrongContentException already) {
      throw already;
    } catch (IOException cause) {
      throw new IOException("trace " + file + " cannot be read, expected " + kind() + ", found " + cause, cause);
    }
  }

  private String kind() {
    return compressed() ? "a whole xz file" : "a file";
  }

  private Trace read(InputStream in) throws IOException {
    ByteBuffer header = next(in, HEADER_BYTES);
    expect("bytes of header", header.remaining(), HEADER_BYTES);
    byte[] magic = new byte[MAGIC.length()];
    header.get(magic);
    expect("magic", new String(magic, StandardCharsets.ISO_8859_1), MAGIC);
    expect("version", header.getShort(), VERSION);
    int flags = header.getShort();
    long count = header.getLong();
    if (count < 0 || count > REQUESTS_MAX) {
      throw wrong("count", Long.toUnsignedString(count), "at most " + REQUESTS_MAX);
    }
    boolean sized = (flags & SIZES_ARE_REAL) != 0;
    Trace.Builder trace = new Trace.Builder(name(), sized);
    readRecords(in, count, trace);
    return trace.build();
  }

  private void readRecords(InputStream in, long count, Trace.Builder trace) throws IOException {
    long wanted = count * RECORD_BYTES;
    long read = 0;
    while (read < wanted) {
      ByteBuffer records = next(in, (int) Math.min(wanted - read, CHUNK_RECORDS * RECORD_BYTES));
      if (records.remaining() % RECORD_BYTES != 0 || !records.hasRemaining()) {
        throw wrong("bytes of records", read + records.remaining(), wanted + " for " + count + " requests");
      }
      read += records.remaining();
      while (records.hasRemaining()) {
        trace.add(records.getLong(), records.getInt());
        records.getInt();
      }
    }
    expect("bytes behind the last record", next(in, CHUNK_RECORDS).remaining(), 0);
  }

  /** So many bytes, fewer where the file ends. */
  private static ByteBuffer next(InputStream in, int bytes) throws IOException {
    return ByteBuffer.wrap(in.readNBytes(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void expect(String what, Object found, Object expected) throws IOException {
    if (!found.toString().equals(expected.toString())) {
      throw wrong(what, found, expected);
    }
  }

  private IOException wrong(String what, Object found, Object expected) {
    return new WrongContentException("trace " + file + " has " + what + "=" + found + ", expected " + expected);
  }

  private static final class WrongContentException extends IOException {
    private static final long serialVersionUID = 1;

    WrongContentException(String message) {
      super(message);
    }
  }
}
