package io.larder.chronicle;

import io.larder.Tier;
import io.larder.TierFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Second tiers in Chronicle Map.
 *
 * <p><b>What the JVM needs.</b> Chronicle Map 2026 on JDK 25 wants these flags, and a full JDK, not only a JRE:
 *
 * <pre>
 * --add-opens java.base/java.lang=ALL-UNNAMED
 * --add-opens java.base/java.lang.reflect=ALL-UNNAMED
 * --add-exports java.base/sun.nio.ch=ALL-UNNAMED
 * --add-exports java.base/jdk.internal.ref=ALL-UNNAMED
 * --add-exports jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED
 * --enable-native-access=ALL-UNNAMED
 * --sun-misc-unsafe-memory-access=allow
 * </pre>
 *
 * <p>It fails under {@code --sun-misc-unsafe-memory-access=deny}. It would report its use to a server: this module
 * leaves the library {@code chronicle-analytics} that does so out; where another one brings it in give {@code
 * -Dchronicle.analytics.disable=true}.
 */
public final class ChronicleTiers {
  private ChronicleTiers() {}

  /**
   * A tier in a persisted Chronicle Map; for {@link io.larder.CacheBuilder#tier}. It is for one cache at a time, which
   * a lock on the file {@code <file>.lock} beside it sees to. What a killed process leaves is recovered by the next
   * opening, which reads all of it; after the machine has been started again it is given up.
   *
   * <p>It has a fixed number of places and evicts nothing: when it is full a new entry is refused, and counted in
   * {@link io.larder.TierStats#dropped}, until old ones have expired or have been removed. So it is for caches whose
   * entries have a time to live, or whose content fits. The longest value it takes is a hundred times as long as the
   * average entry, or more.
   *
   * <p>Nobody may cut the file while it is open: where Chronicle meets a page that is not there the JVM may die.
   *
   * @param file where; made if there is none
   * @param entries how many there is room for, 1 or more; for an existing file as it was made
   * @param averageEntryBytes how many bytes key and value have on average, 1 to 1 MiB; for an existing file as it was
   *     made
   * @throws IllegalArgumentException when a number is outside its limits
   */
  public static TierFactory file(Path file, long entries, int averageEntryBytes) {
    if (entries < 1) {
      throw new IllegalArgumentException("entries=" + entries + " is less than 1");
    }
    if (averageEntryBytes < 1 || averageEntryBytes > ChronicleFile.AVERAGE_BYTES_MAX) {
      throw new IllegalArgumentException(
          "averageEntryBytes=" + averageEntryBytes + " is outside 1 to " + ChronicleFile.AVERAGE_BYTES_MAX);
    }
    return new FileFactory(new ChronicleFile(file, entries, averageEntryBytes));
  }

  /** Opens a file. */
  private record FileFactory(ChronicleFile file) implements TierFactory {
    @Override
    public Tier open(LongSupplier clock) throws IOException {
      return file.open(clock);
    }

    @Override
    public String toString() {
      return "Chronicle Map " + file.path() + " of " + file.entries() + " entries";
    }
  }
}
