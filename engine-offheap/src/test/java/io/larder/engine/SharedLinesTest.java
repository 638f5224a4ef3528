package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.larder.engine.LineCounter.Costs;
import io.larder.engine.LineCounter.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What operations would cost many cores, by counting: the lines that they store to, which other cores then have to
 * fetch again, and what they do under a lock. {@code docs/benchmarks/scaling.md} says what follows from that.
 *
 * <p>The tables there are compared with what is counted here, which is the same in each run, and with what {@link
 * ScalingModel} makes of it; with {@code -Dlarder.docs.write=true} they are written instead. The bounds are for those
 * who make an operation dearer without knowing.
 */
class SharedLinesTest {
  private static final String WRITE_PROPERTY = "larder.docs.write";
  private static final String COUNTED_BEGIN = "<!-- counted -->";
  private static final String ESTIMATED_BEGIN = "<!-- estimated -->";
  private static final String END = "<!-- end -->";

  // So many bytes make slabs of the size that all larger regions have.
  private static final long MEMORY_BYTES = 16L << 20;
  private static final long SEED = 64;
  private static final int KEY_BYTES = 24;
  private static final int VALUE_BYTES = 100;

  /** Entries of the store with room: a good third of what it can hold. */
  private static final int RESIDENTS = 40_000;

  /** Keys that are asked for where they do not all fit: about twice what the store can hold. */
  private static final int KEYS = 200_000;

  private static final int WARM_UP = 600_000;
  private static final int COUNTED = 20_000;
  private static final int BATCH = 64;
  private static final double SKEW = 0.99;

  /** What begins or ends a resizing is so small a part of all puts. */
  private static final double SHAPE_WRITTEN_MAX = 0.001;

  // What is estimated for: threads on as many cores, with a line that another core or the memory has 100 ns away; the
  // partitions of 2 GiB and more, and of 256 MiB; the hottest of two million keys by a Zipf law with the exponent.
  private static final int THREADS = 64;
  private static final double LINE_MICROS = 0.1;
  private static final int PARTITIONS_MANY = 64;
  private static final int PARTITIONS_FEW = 8;
  private static final double HOTTEST = 0.062;
  private static final int READS = 9;

  /** Keys from here on are in no store. */
  private static final int ABSENT = 1 << 30;

  /** What is counted, and how much it may cost at most: little more than it did when this was written. */
  enum Operation {
    HIT("get, hit", 0, 0),
    MISS("get, miss", 0, 0),
    BATCH_HIT("key of a batch of 64, hit", 0, 0),
    HIT_IN_FULL("get, hit, full store", 0.4, 0),
    OVERWRITE("put over an entry, same size", 11, 60),
    NEW("put of a new key, room", 14.5, 125),
    NEW_GROWING("the same while the index grows", 23, 530),
    NEW_IN_FULL("put of a new key, full store", 21, 320),
    REMOVE("remove", 12, 90);

    private final String title;
    private final double writtenMax;
    private final double heldAccessesMax;

    Operation(String title, double writtenMax, double heldAccessesMax) {
      this.title = title;
      this.writtenMax = writtenMax;
      this.heldAccessesMax = heldAccessesMax;
    }

    void check(Costs costs) {
      assertThat(costs.written()).as("lines that are written by: %s", title).isLessThanOrEqualTo(writtenMax);
      assertThat(costs.heldAccesses()).as("accesses under a lock by: %s", title).isLessThanOrEqualTo(heldAccessesMax);
    }
  }

  private static final Map<Operation, Costs> COSTS = new EnumMap<>(Operation.class);

  @BeforeAll
  static void countWithRoom() {
    World world = new World(UnaryOperator.identity());
    world.fill();
    COSTS.put(Operation.HIT, world.ofMany(world::get));
    COSTS.put(Operation.MISS, world.ofMany(number -> world.get(ABSENT + number)));
    COSTS.put(Operation.BATCH_HIT, world.ofBatches());
    COSTS.put(Operation.OVERWRITE, world.ofMany(world::put));
    countNew(world);
    COSTS.put(Operation.REMOVE, world.ofEach(0, world::remove));
    world.store.assertValid();
  }

  private static void countNew(World world) {
    LineCounter resting = new LineCounter(world.memory, world.store.geometry());
    LineCounter growing = new LineCounter(world.memory, world.store.geometry());
    for (int i = 0; i < COUNTED; i++) {
      int number = RESIDENTS + i;
      LineCounter counter = world.isGrowing() ? growing : resting;
      world.memory.watch(counter);
      counter.count(1, () -> world.put(number));
    }
    COSTS.put(Operation.NEW, resting.costs());
    COSTS.put(Operation.NEW_GROWING, growing.costs());
  }

  @BeforeAll
  static void countWhereNotAllFit() {
    World world = new World(UnaryOperator.identity());
    for (int number = 0; number < KEYS; number++) {
      world.put(number);
    }
    Requests requests = new Requests();
    for (int request = 0; request < WARM_UP; request++) {
      world.ask(requests.next());
    }
    long evictions = world.store.stats().evictions();
    LineCounter hits = new LineCounter(world.memory, world.store.geometry());
    LineCounter puts = new LineCounter(world.memory, world.store.geometry());
    for (int put = 0; put < COUNTED; ) {
      int number = requests.next();
      if (world.isThere(number)) {
        world.memory.watch(hits);
        hits.count(1, () -> world.get(number));
      } else {
        world.memory.watch(puts);
        puts.count(1, () -> world.put(number));
        put++;
      }
    }
    assertThat(world.store.stats().evictions() - evictions).as("evictions").isEqualTo(COUNTED);
    COSTS.put(Operation.HIT_IN_FULL, hits.costs());
    COSTS.put(Operation.NEW_IN_FULL, puts.costs());
    world.store.assertValid();
  }

  /** Requests by a Zipf law; the same in each run. */
  private static final class Requests {
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final double[] shares = new double[KEYS];

    Requests() {
      double sum = 0;
      for (int rank = 0; rank < KEYS; rank++) {
        sum += StrictMath.pow(rank + 1, -SKEW);
        shares[rank] = sum;
      }
    }

    int next() {
      int found = Arrays.binarySearch(shares, random.nextDouble() * shares[KEYS - 1]);
      return found < 0 ? -found - 1 : found;
    }
  }

  /** A store, and what can be asked of it. */
  private static final class World {
    final WatchedMemory memory = new WatchedMemory(MEMORY_BYTES);
    final Store store;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final byte[] key = new byte[KEY_BYTES];
    private final byte[] value = new byte[VALUE_BYTES];
    private final PutSpec spec = new PutSpec();
    private final EntryInfo info = new EntryInfo();

    World(UnaryOperator<StoreOptions> change) {
      StoreOptions usual = StoreOptions.ofMemory(MEMORY_BYTES).withHashSeed(SEED).withClock(new TestClock());
      store = Store.open(memory, change.apply(usual));
    }

    /** Puts entries, and gets them until none of them notes a hit any more. */
    void fill() {
      for (int number = 0; number < RESIDENTS; number++) {
        put(number);
      }
      for (int hit = 0; hit <= PolicyBits.FREQUENCY_MAX; hit++) {
        for (int number = 0; number < RESIDENTS; number++) {
          get(number);
        }
      }
    }

    private long hash(int number) {
      ByteBuffer.wrap(key).putInt(0, number);
      return store.hash(key, 0, KEY_BYTES);
    }

    boolean get(int number) {
      return store.get(hash(number), key, 0, KEY_BYTES, value, 0, VALUE_BYTES) >= 0;
    }

    /** Whether there is an entry, without the policy's knowing of the question. */
    boolean isThere(int number) {
      return store.getAgain(hash(number), key, 0, KEY_BYTES, value, 0, VALUE_BYTES, info) >= 0;
    }

    /** Whether the index is being resized, of a store of one partition. */
    boolean isGrowing() {
      long shape = memory.peek(store.geometry().partitionOffset(0) + PartitionLayout.SHAPE_OFFSET);
      return (shape & PartitionLayout.RESIZING) != 0;
    }

    void put(int number) {
      assertThat(store.put(hash(number), key, 0, KEY_BYTES, value, 0, VALUE_BYTES, spec)).isPositive();
    }

    void remove(int number) {
      assertThat(store.remove(hash(number), key, 0, KEY_BYTES, 0)).isPositive();
    }

    /** A get, and a put if it has missed. */
    void ask(int number) {
      if (!get(number)) {
        put(number);
      }
    }

    /** The costs of an operation on residents by chance. */
    Costs ofMany(IntConsumer operation) {
      LineCounter counter = new LineCounter(memory, store.geometry());
      for (int i = 0; i < COUNTED; i++) {
        int number = random.nextInt(RESIDENTS);
        counter.count(1, () -> operation.accept(number));
      }
      return counter.costs();
    }

    /** The costs of an operation on keys in a row. */
    Costs ofEach(int first, IntConsumer operation) {
      LineCounter counter = new LineCounter(memory, store.geometry());
      for (int i = 0; i < COUNTED; i++) {
        int number = first + i;
        counter.count(1, () -> operation.accept(number));
      }
      return counter.costs();
    }

    /** The costs of batches of residents by chance, for each key. */
    Costs ofBatches() {
      LineCounter counter = new LineCounter(memory, store.geometry());
      Batch batch = new Batch(BATCH, VALUE_BYTES);
      for (int i = 0; i < COUNTED / BATCH; i++) {
        batch.clear();
        for (int k = 0; k < BATCH; k++) {
          hash(random.nextInt(RESIDENTS));
          batch.add(key.clone());
        }
        counter.count(BATCH, () -> store.getAll(batch));
      }
      return counter.costs();
    }
  }

  private static Costs costs(Operation operation) {
    return Objects.requireNonNull(COSTS.get(operation), operation.title);
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void noOperationWritesOrHoldsMoreThanItDoes(Operation operation) {
    operation.check(costs(operation));
  }

  /** What all readers of a partition read is changed by a resizing of the index, and by nothing else. */
  @ParameterizedTest
  @EnumSource(value = Operation.class, names = "NEW_GROWING", mode = EnumSource.Mode.EXCLUDE)
  void theLineThatAllReadersReadIsHardlyWritten(Operation operation) {
    assertThat(costs(operation).written(Owner.SHAPE)).isLessThan(SHAPE_WRITTEN_MAX);
  }

  /** The broken twin: it counts its hits in the region. */
  @Test
  void aGetThatCountsInTheRegionIsFound() {
    World world = new World(UnaryOperator.identity());
    world.fill();
    long counter = world.store.geometry().partitionOffset(0) + PartitionLayout.PUTS_OFFSET;
    Costs costs =
        world.ofMany(number -> {
          world.get(number);
          world.memory.getAndAddLong(counter, 1);
        });
    assertThat(costs.written(Owner.RECORD)).isEqualTo(1);
    assertThatThrownBy(() -> Operation.HIT.check(costs)).isInstanceOf(AssertionError.class);
  }

  /** Another: its puts read under the lock what they have written, for a checksum. */
  @Test
  void aPutThatHoldsTheLockForLongerIsFound() {
    World world = new World(options -> options.withVerifyReads(true));
    world.fill();
    Costs costs = world.ofMany(world::put);
    assertThatThrownBy(() -> Operation.OVERWRITE.check(costs)).isInstanceOf(AssertionError.class);
  }

  // ---- the document

  @Test
  void theTablesAreWhatIsCounted() throws IOException {
    Path document = document();
    List<String> written = Files.readAllLines(document);
    List<String> rendered = render(written);
    if (Boolean.getBoolean(WRITE_PROPERTY)) {
      Files.write(document, rendered);
      return;
    }
    assertThat(written).as("%s; -D%s=true writes its tables", document, WRITE_PROPERTY).isEqualTo(rendered);
  }

  /** The document, from the module's folder or from the root of the source tree. */
  private static Path document() {
    Path fromModule = Path.of("..", "docs", "benchmarks", "scaling.md");
    return Files.exists(fromModule) ? fromModule : Path.of("docs", "benchmarks", "scaling.md");
  }

  private static List<String> render(List<String> lines) {
    return render(render(lines, COUNTED_BEGIN, countedTable()), ESTIMATED_BEGIN, estimatedTable());
  }

  /** The lines with a table between one line and the next that ends a table. */
  private static List<String> render(List<String> lines, String beginLine, List<String> table) {
    int begin = lines.indexOf(beginLine);
    assertThat(begin).as("the line %s", beginLine).isNotNegative();
    List<String> behind = lines.subList(begin + 1, lines.size());
    int end = behind.indexOf(END);
    assertThat(end).as("the line %s behind %s", END, beginLine).isNotNegative();
    List<String> rendered = new ArrayList<>(lines.subList(0, begin + 1));
    rendered.addAll(table);
    rendered.addAll(behind.subList(end, behind.size()));
    return rendered;
  }

  private static List<String> countedTable() {
    StringBuilder head = new StringBuilder("| | touched | **written** |");
    StringBuilder rule = new StringBuilder("|---|--:|--:|");
    for (Owner owner : Owner.values()) {
      head.append(' ').append(owner.title).append(" |");
      rule.append("--:|");
    }
    List<String> rows = new ArrayList<>();
    rows.add(head + " accesses held | lines held |");
    rows.add(rule + "--:|--:|");
    for (Operation operation : Operation.values()) {
      Costs costs = costs(operation);
      StringBuilder row = new StringBuilder("| " + operation.title + " |");
      row.append(cell(costs.touched())).append(" **").append(number(costs.written())).append("** |");
      for (Owner owner : Owner.values()) {
        row.append(cell(costs.written(owner)));
      }
      row.append(" %.0f |".formatted(costs.heldAccesses())).append(cell(costs.heldLines()));
      rows.add(row.toString());
    }
    return rows;
  }

  private static List<String> estimatedTable() {
    List<String> rows = new ArrayList<>();
    rows.add(
        "| | threads at work, 64 partitions | busiest one locked | operations/µs | threads at work, 8 partitions |");
    rows.add("|---|--:|--:|--:|--:|");
    rows.add(estimate("nine reads, an overwrite", READS, Operation.OVERWRITE, 0));
    rows.add(estimate("the same, Zipf 0.99", READS, Operation.OVERWRITE, HOTTEST));
    rows.add(estimate("overwrites", 0, Operation.OVERWRITE, 0));
    rows.add(estimate("overwrites, Zipf 0.99", 0, Operation.OVERWRITE, HOTTEST));
    rows.add(estimate("new keys, room", 0, Operation.NEW, 0));
    rows.add(estimate("new keys, the index grows", 0, Operation.NEW_GROWING, 0));
    rows.add(estimate("nine reads, a new key, full store", READS, Operation.NEW_IN_FULL, 0));
    rows.add(estimate("new keys, full store", 0, Operation.NEW_IN_FULL, 0));
    return rows;
  }

  /** A row for so many reads for each of some writes, of which one key gets a share. */
  private static String estimate(String title, int reads, Operation write, double hottest) {
    double readMicros = reads * costs(Operation.HIT).touched() * LINE_MICROS;
    double holdMicros = costs(write).heldLines() * LINE_MICROS;
    ScalingModel many = new ScalingModel(THREADS, PARTITIONS_MANY, hottest, readMicros, holdMicros);
    ScalingModel few = new ScalingModel(THREADS, PARTITIONS_FEW, hottest, readMicros, holdMicros);
    return String.format(
        Locale.ROOT,
        "| %s | %.0f | %.0f %% | %.0f | %.0f |",
        title,
        many.threadsAtWork(),
        100 * many.busiestLocked(),
        many.writesPerMicro() * (reads + 1),
        few.threadsAtWork());
  }

  /** The rules of thumb that the model must keep to. */
  @Test
  void theModelKnowsItsLimits() {
    ScalingModel one = new ScalingModel(1, 64, 0, 9, 1);
    assertThat(one.threadsAtWork()).isBetween(0.99, 1.0);
    ScalingModel single = new ScalingModel(64, 1, 0, 0, 2);
    assertThat(single.writesPerMicro()).isBetween(0.49, 0.5);
    // As many threads as partitions, and nothing but writes: u of 2 − √2.
    ScalingModel writers = new ScalingModel(64, 64, 0, 0, 3);
    assertThat(writers.busiestLocked()).isCloseTo(2 - Math.sqrt(2), within(1e-9));
    assertThat(writers.threadsAtWork()).isCloseTo(64 * writers.busiestLocked(), within(1e-6));
    // One key that gets a part of all writes leaves as many at work as that part goes into the whole, at most.
    ScalingModel hot = new ScalingModel(64, 64, 0.5, 0, 1);
    assertThat(hot.threadsAtWork()).isBetween(1.9, 2.0);
  }

  private static String cell(double mean) {
    return " " + number(mean) + " |";
  }

  /** With one digit; what is less than that, and not nothing, is said to be so. */
  private static String number(double mean) {
    return mean == 0 ? "0" : mean < 0.05 ? "< 0.1" : String.format(Locale.ROOT, "%.1f", mean);
  }
}
