package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.util.LoggingLevel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The operations of the store are those of a map, each at one moment between its call and its return. So are the
 * versions, which a map can count as well.
 *
 * <p>The memory is its twin over an array, whose accesses the model checker sees. A memory without stamps, and one
 * without a lock, show that it would find what they are for.
 */
@Tag("lincheck")
class StoreLincheckTest {
  private static final long MEMORY_BYTES = 1 << 20;
  private static final long SEED = 5;

  /** A store, and how to put and get. A value is a number, written twice, so that a torn one shows. */
  static class Keeper {
    private static final int TORN = -100;
    private static final int VALUE_BYTES = 2 * Long.BYTES;

    final Store store;

    Keeper(ArrayMemory memory) {
      store =
          Store.open(
              memory,
              StoreOptions.ofExisting(MEMORY_BYTES).withPartitions(1).withHashSeed(SEED).withClock(() -> 0));
    }

    static byte[] bytes(int key) {
      return new byte[] {(byte) key};
    }

    final long put(int key, int value, PutSpec spec) {
      byte[] bytes = bytes(key);
      byte[] values = ByteBuffer.allocate(VALUE_BYTES).putLong(value).putLong(value).array();
      return store.put(store.hash(bytes, 0, 1), bytes, 0, 1, values, 0, VALUE_BYTES, spec);
    }

    final long remove(int key, long version) {
      byte[] bytes = bytes(key);
      return store.remove(store.hash(bytes, 0, 1), bytes, 0, 1, version);
    }

    final int find(int key) {
      byte[] bytes = bytes(key);
      byte[] target = new byte[VALUE_BYTES];
      int length = store.get(store.hash(bytes, 0, 1), bytes, 0, 1, target, 0, VALUE_BYTES);
      if (length < 0) {
        return Store.ABSENT;
      }
      ByteBuffer value = ByteBuffer.wrap(target);
      return value.getLong(0) == value.getLong(Long.BYTES) ? (int) value.getLong(0) : TORN;
    }
  }

  /** All operations, on two keys. */
  @Param(name = "key", gen = IntGen.class, conf = "1:2")
  @Param(name = "value", gen = IntGen.class, conf = "1:9")
  @Param(name = "version", gen = IntGen.class, conf = "1:4")
  public static class AllOperations extends Keeper {
    public AllOperations() {
      this(new ArrayMemory(MEMORY_BYTES));
    }

    AllOperations(ArrayMemory memory) {
      super(memory);
    }

    @Operation
    public long put(@Param(name = "key") int key, @Param(name = "value") int value) {
      return put(key, value, new PutSpec());
    }

    @Operation
    public long putIfAbsent(@Param(name = "key") int key, @Param(name = "value") int value) {
      return put(key, value, new PutSpec().ifAbsent());
    }

    @Operation
    public long replace(
        @Param(name = "key") int key, @Param(name = "version") int version, @Param(name = "value") int value) {
      return put(key, value, new PutSpec().ifVersion(version));
    }

    @Operation
    public long remove(@Param(name = "key") int key) {
      return remove(key, 0);
    }

    @Operation
    public long removeVersion(@Param(name = "key") int key, @Param(name = "version") int version) {
      return remove(key, version);
    }

    @Operation
    public int get(@Param(name = "key") int key) {
      return find(key);
    }
  }

  /** What the operations mean. */
  public static class MapOperations {
    private final Map<Integer, long[]> entries = new HashMap<>();
    private long version;

    private long store(int key, int value) {
      entries.put(key, new long[] {++version, value});
      return version;
    }

    public long put(int key, int value) {
      return store(key, value);
    }

    public long putIfAbsent(int key, int value) {
      return entries.containsKey(key) ? Store.PRESENT : store(key, value);
    }

    public long replace(int key, int expected, int value) {
      long[] entry = entries.get(key);
      return entry == null ? Store.ABSENT : entry[0] == expected ? store(key, value) : Store.MISMATCH;
    }

    public long remove(int key) {
      long[] entry = entries.remove(key);
      return entry == null ? Store.ABSENT : entry[0];
    }

    public long removeVersion(int key, int expected) {
      long[] entry = entries.get(key);
      return entry == null ? Store.ABSENT : entry[0] == expected ? remove(key) : Store.MISMATCH;
    }

    public int get(int key) {
      long @Nullable [] entry = entries.get(key);
      return entry == null ? Store.ABSENT : (int) entry[1];
    }
  }

  /** Overwriting and reading one key, once each. */
  @Param(name = "value", gen = IntGen.class, conf = "1:9")
  public static class WithStamps extends Keeper {
    public WithStamps() {
      this(new ArrayMemory(MEMORY_BYTES));
    }

    WithStamps(ArrayMemory memory) {
      super(memory);
      put(1, 0, new PutSpec());
    }

    /** Puts a value, and again: into the block where the value before it was. */
    @Operation(runOnce = true)
    public void put(@Param(name = "value") int value) {
      put(1, value, new PutSpec());
      put(1, value, new PutSpec());
    }

    @Operation(runOnce = true)
    public int get() {
      return find(1);
    }
  }

  /** On a memory where the stamps of buckets stay as they are. */
  public static class WithoutStamps extends WithStamps {
    public WithoutStamps() {
      super(new StamplessMemory());
    }
  }

  /** What overwriting and reading one key mean. */
  public static class OneEntry {
    private int value;

    public void put(int next) {
      value = next;
    }

    public int get() {
      return value;
    }
  }

  /** On a memory where everybody gets the lock. */
  public static class WithoutLock extends AllOperations {
    public WithoutLock() {
      super(new LocklessMemory());
    }
  }

  private static final class StamplessMemory extends ArrayMemory {
    private static final long SLABS_OFFSET =
        RegionGeometry.of(MEMORY_BYTES, 1, PartitionLayout.BYTES).slabsOffset();

    StamplessMemory() {
      super(MEMORY_BYTES);
    }

    @Override
    public void setLongOpaque(long offset, long value) {
      if (offset < SLABS_OFFSET) {
        super.setLongOpaque(offset, value);
      }
    }

    @Override
    public void setLongRelease(long offset, long value) {
      super.setLongRelease(offset, offset < SLABS_OFFSET ? value : value - BucketLayout.counter(value));
    }
  }

  private static final class LocklessMemory extends ArrayMemory {
    private static final long LOCK_OFFSET =
        RegionGeometry.of(MEMORY_BYTES, 1, PartitionLayout.BYTES).partitionOffset(0) + PartitionLayout.LOCK_OFFSET;

    LocklessMemory() {
      super(MEMORY_BYTES);
    }

    @Override
    public boolean compareAndSetLong(long offset, long expected, long value) {
      return offset == LOCK_OFFSET || super.compareAndSetLong(offset, expected, value);
    }
  }

  private static <T extends Options<T, ?>> T sized(T options, int iterations, int invocations) {
    return options
        .iterations(iterations)
        .invocationsPerIteration(invocations)
        .threads(2)
        .actorsBefore(2)
        .actorsPerThread(3)
        .actorsAfter(1)
        .minimizeFailedScenario(false)
        .logLevel(LoggingLevel.ERROR)
        .sequentialSpecification(MapOperations.class);
  }

  /** A class that is initialised while the model checker holds its thread back would keep the others waiting. */
  @BeforeAll
  static void initialiseClasses() {
    AllOperations operations = new AllOperations();
    operations.put(1, 1);
    operations.putIfAbsent(2, 2);
    operations.replace(1, 1, 3);
    operations.get(1);
    operations.removeVersion(1, 3);
    operations.remove(2);
  }

  /** Leaves out what touches no memory that threads share. */
  private static ModelCheckingOptions modelChecking() {
    return new ModelCheckingOptions()
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(
                    SizeClasses.class.getName(),
                    RegionGeometry.class.getName(),
                    XxHash64.class.getName(),
                    BucketLayout.class.getName(),
                    PutSpec.class.getName())
                .allMethods()
                .ignore())
        .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(ArrayMemory.class.getName()).methods("check").ignore());
  }

  /** One put and one get, in each order where one interrupts the other once, and in some more. */
  private static ModelCheckingOptions aPutAndAGet() {
    return sized(modelChecking(), 2, 2_000)
        .actorsBefore(0)
        .actorsPerThread(1)
        .actorsAfter(0)
        .sequentialSpecification(OneEntry.class);
  }

  @Test
  void isLinearizableInTheOrdersTried() {
    sized(modelChecking(), 20, 250).check(AllOperations.class);
  }

  @Test
  void isLinearizableUnderStress() {
    sized(new StressOptions(), 40, 1_000).check(AllOperations.class);
  }

  @Test
  void needsItsStamps() {
    aPutAndAGet().check(WithStamps.class);
    assertThatThrownBy(() -> aPutAndAGet().check(WithoutStamps.class))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Invalid execution results");
  }

  @Test
  void needsItsLock() {
    assertThatThrownBy(() -> sized(modelChecking(), 50, 1_000).check(WithoutLock.class))
        .isInstanceOf(AssertionError.class);
  }
}
