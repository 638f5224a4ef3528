package io.larder.chronicle;

import io.larder.Tier;
import io.larder.TierValue;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;

/**
 * The file of a {@link ChronicleTier}: who has it, and what is to become of what the last one has left.
 *
 * <p>Beside it is a lock file. Its kernel lock is held as long as the tier is open; its text says whether the map was
 * closed in order, or else in which boot of the machine it was opened. A map that was not is recovered within that
 * boot, since all that was written is there, in the memory of the system at least. After another one its pages may be
 * of different moments, and could have what has been discarded: it is given up.
 *
 * @param path where the map is
 * @param entries how many entries it has room for
 * @param averageEntryBytes the average bytes of key and value
 */
record ChronicleFile(Path path, long entries, int averageEntryBytes) {
  static final int AVERAGE_BYTES_MAX = 1 << 20;

  /** An entry takes so many chunks at most; Chronicle chooses their size by the average. */
  private static final int CHUNKS_MAX = 1 << 12;

  /** The rest of an entry's average. */
  private static final int AVERAGE_KEY_BYTES = 24;

  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final String CLOSED = "closed";
  private static final String SPOILED = "spoiled";
  private static final String UNKNOWN_BOOT = "unknown";
  private static final int TEXT_BYTES_MAX = 256;

  /**
   * Opens the map, and makes it if need be.
   *
   * @throws IOException when another cache has it, or it cannot be read or made
   */
  Tier open(LongSupplier clock) throws IOException {
    RandomAccessFile lock = new RandomAccessFile(lockFile().toFile(), "rw");
    try {
      take(lock);
      return new ChronicleTier(map(lock), this, lock, clock);
    } catch (Throwable failure) {
      lock.close();
      throw failure;
    }
  }

  private Path lockFile() {
    return Path.of(path + ".lock");
  }

  private void take(RandomAccessFile file) throws IOException {
    FileLock lock = null;
    try {
      lock = file.getChannel().tryLock();
    } catch (OverlappingFileLockException ours) {
      // In this JVM.
    }
    if (lock == null) {
      throw new IOException(
          path + " is in use: another cache has it open, and a tier belongs to one at a time. Close that cache, or give"
              + " this one another file");
    }
  }

  private ChronicleMap<byte[], TierValue> map(RandomAccessFile lock) throws IOException {
    String left = read(lock);
    String boot = bootId();
    if (left.isEmpty() && Files.exists(path)) {
      throw new IOException(
          path + " is there, and " + lockFile() + " was not: it is no tier's, or its lock file has been lost. Delete"
              + " it, or give another path");
    }
    boolean recovers = left.equals(boot) && Files.exists(path);
    if (!recovers && !left.equals(CLOSED)) {
      Files.deleteIfExists(path);
    }
    write(lock, boot);
    try {
      return recovers
          ? builder().recoverPersistedTo(path.toFile(), true)
          : builder().createPersistedTo(path.toFile());
    } catch (RuntimeException unfit) {
      throw new IOException(path + " cannot be opened by Chronicle Map: " + unfit.getMessage(), unfit);
    }
  }

  private ChronicleMapBuilder<byte[], TierValue> builder() {
    return ChronicleMap.of(byte[].class, TierValue.class)
        .name("larder-tier")
        .averageKeySize(Math.min(AVERAGE_KEY_BYTES, averageEntryBytes))
        .averageValueSize(Math.max(averageEntryBytes - AVERAGE_KEY_BYTES, 0) + ValueMarshaller.HEADER_BYTES)
        .valueMarshaller(ValueMarshaller.INSTANCE)
        .maxChunksPerEntry(CHUNKS_MAX)
        .entries(entries)
        .checksumEntries(false)
        .putReturnsNull(true)
        .removeReturnsNull(true);
  }

  /** The longest value that fits with its key, whose chunks are half of all at most. */
  static int valueBytesMax(long chunkBytes) {
    return (int) Math.min(CHUNKS_MAX * chunkBytes / 2, Integer.MAX_VALUE / 2);
  }

  /** Notes that a map has been closed in order, when all of it is on its disk; gives the lock back. */
  void leave(RandomAccessFile lock) throws IOException {
    try (lock;
        RandomAccessFile data = new RandomAccessFile(path.toFile(), "rw")) {
      data.getFD().sync();
      write(lock, CLOSED);
    }
  }

  /** Notes that what the map has is not to be found any more, whoever opens it next. */
  void spoil(RandomAccessFile lock) throws IOException {
    write(lock, SPOILED);
  }

  private static String bootId() {
    try {
      return Files.readString(BOOT_ID).strip();
    } catch (IOException unknown) {
      return UNKNOWN_BOOT + System.nanoTime();
    }
  }

  private static String read(RandomAccessFile lock) throws IOException {
    byte[] text = new byte[TEXT_BYTES_MAX];
    lock.seek(0);
    int length = lock.read(text);
    return new String(text, 0, Math.max(length, 0), StandardCharsets.US_ASCII);
  }

  private static void write(RandomAccessFile lock, String text) throws IOException {
    lock.seek(0);
    lock.write(text.getBytes(StandardCharsets.US_ASCII));
    lock.setLength(text.length());
    lock.getFD().sync();
  }
}
