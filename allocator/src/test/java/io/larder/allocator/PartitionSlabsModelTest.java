package io.larder.allocator;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ALC-2: random allocation, freeing and draining by several partitions, against lists of what should be there. */
class PartitionSlabsModelTest {
  private static final int OPERATIONS = 150_000;
  private static final int RECORD_BYTES = 256;

  private final SplittableRandom random = TestSeed.random("PartitionSlabsModelTest");

  /** A region of partitions that share its slabs. */
  private final class World implements AutoCloseable {
    final RegionGeometry geometry;
    final SegmentMemory memory;
    final SizeClasses classes;
    final SlabPool pool;
    final int classesInUse;
    final List<Model> models = new ArrayList<>();

    World(long regionBytes, int partitions, int classesToUse) {
      geometry = RegionGeometry.of(regionBytes, partitions, RECORD_BYTES);
      memory = SegmentMemory.allocate(regionBytes);
      classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
      pool = new SlabPool(memory, geometry);
      classesInUse = Math.min(classesToUse, classes.whole());
      for (int partition = 0; partition < partitions; partition++) {
        models.add(new Model(this, partition));
      }
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  /** One partition's slabs beside what they should be. */
  private final class Model {
    final RegionGeometry geometry;
    final SegmentMemory memory;
    final SizeClasses classes;
    final SlabPool pool;
    final int classesInUse;
    final int number;
    final PartitionSlabs slabs;
    final List<Long> blocks = new ArrayList<>();
    final Map<Long, Integer> classOfBlock = new HashMap<>();
    final Map<Integer, List<Long>> blocksOfSlab = new HashMap<>();
    final LinkedHashSet<Integer> ring = new LinkedHashSet<>();
    final List<Integer> tables = new ArrayList<>();
    final Map<Integer, Long> spareOfClass = new HashMap<>();
    final Spares spares;
    int draining = PartitionSlabs.NO_SLAB;
    long blockBytes;

    Model(World world, int number) {
      this.geometry = world.geometry;
      this.memory = world.memory;
      this.classes = world.classes;
      this.pool = world.pool;
      this.classesInUse = world.classesInUse;
      this.number = number;
      this.slabs = new PartitionSlabs(memory, world.geometry, classes, pool, number);
      this.spares = Spares.of(memory, world.geometry, classes);
    }

    void allocate() {
      int sizeClass = random.nextInt(10) == 0 ? classes.whole() : random.nextInt(classesInUse);
      boolean room = ring.stream().anyMatch(slab -> slab != draining && hasRoom(slab, sizeClass));
      boolean expected = room || spareOfClass.containsKey(sizeClass);
      long block = slabs.allocate(sizeClass);
      assertThat(block != PartitionSlabs.NO_BLOCK).as("a block of class %d", sizeClass).isEqualTo(expected);
      if (block == PartitionSlabs.NO_BLOCK) {
        int free = pool.freeCount();
        boolean added = slabs.addSlab(sizeClass);
        assertThat(added).isEqualTo(free > 0);
        if (!added) {
          return;
        }
        block = slabs.allocate(sizeClass);
        assertThat(block).isNotEqualTo(PartitionSlabs.NO_BLOCK);
        ring.add(slabs.slabOf(block));
      }
      if (!room && spareOfClass.containsKey(sizeClass)) {
        assertThat(block).isEqualTo(spareOfClass.get(sizeClass));
        forgetSpare(sizeClass);
      }
      added(block, sizeClass);
    }

    void takeSpare() {
      int sizeClass = random.nextInt(classesInUse);
      boolean expected = spareOfClass.containsKey(sizeClass);
      long block = spares.take(number, sizeClass);
      assertThat(block).isEqualTo(spareOfClass.getOrDefault(sizeClass, PartitionSlabs.NO_BLOCK));
      if (expected) {
        forgetSpare(sizeClass);
        added(block, sizeClass);
      }
    }

    private void forgetSpare(int sizeClass) {
      long block = requireNonNull(spareOfClass.remove(sizeClass));
      List<Long> neighbours = requireNonNull(blocksOfSlab.get(slabs.slabOf(block)));
      neighbours.remove(block);
      if (neighbours.isEmpty()) {
        blocksOfSlab.remove(slabs.slabOf(block));
      }
    }

    void freeOrKeep(int index) {
      long block = blocks.get(index);
      int sizeClass = requireNonNull(classOfBlock.get(block));
      if (classes.blockBytes(sizeClass) > 1024
          || slabs.slabOf(block) == draining
          || requireNonNull(blocksOfSlab.get(slabs.slabOf(block))).size() == 1
          || spareOfClass.containsKey(sizeClass)) {
        free(index, slabs::freeOrKeep);
        return;
      }
      blocks.set(index, blocks.getLast());
      blocks.removeLast();
      classOfBlock.remove(block);
      slabs.freeOrKeep(block);
      blockBytes -= classes.blockBytes(sizeClass);
      spareOfClass.put(sizeClass, block);
      assertThat(slabs.isSpare(block)).isTrue();
      assertThat(slabs.isAllocated(block)).isTrue();
    }

    void freeSpares() {
      slabs.freeSpares();
      for (int sizeClass : List.copyOf(spareOfClass.keySet())) {
        forgetSpare(sizeClass);
      }
      assertThat(slabs.spareCount()).isZero();
    }

    private boolean hasRoom(int slab, int sizeClass) {
      return slabs.sizeClass(slab) == sizeClass
          && blocksOfSlab.getOrDefault(slab, List.of()).size() < classes.blocksPerSlab(sizeClass);
    }

    private void added(long block, int sizeClass) {
      int blockBytesOfClass = classes.blockBytes(sizeClass);
      assertThat(slabs.blockBytesOf(block)).isEqualTo(blockBytesOfClass);
      assertThat(classOfBlock.put(block, sizeClass)).as("block %d is handed out twice", block).isNull();
      assertThat(slabs.slabOf(block)).isNotEqualTo(draining);
      blocks.add(block);
      blocksOfSlab.computeIfAbsent(slabs.slabOf(block), slab -> new ArrayList<>()).add(block);
      blockBytes += blockBytesOfClass;
      // Marks at both ends: blocks that overlap would overwrite each other's.
      memory.putLong(block, block);
      memory.putLong(block + blockBytesOfClass - Long.BYTES, block);
    }

    void free(int index) {
      free(index, slabs::free);
    }

    private void free(int index, LongConsumer way) {
      long block = blocks.get(index);
      blocks.set(index, blocks.getLast());
      blocks.removeLast();
      int blockBytesOfClass = classes.blockBytes(requireNonNull(classOfBlock.remove(block)));
      assertThat(memory.getLong(block)).as("first bytes of block %d", block).isEqualTo(block);
      assertThat(memory.getLong(block + blockBytesOfClass - Long.BYTES)).as("end of block %d", block).isEqualTo(block);
      int slab = slabs.slabOf(block);
      int sizeClass = slabs.sizeClass(slab);
      way.accept(block);
      blockBytes -= blockBytesOfClass;
      List<Long> neighbours = requireNonNull(blocksOfSlab.get(slab));
      neighbours.remove(block);
      if (slab != draining && neighbours.size() == 1) {
        // A slab is not kept for a spare.
        if (neighbours.getFirst().equals(spareOfClass.get(sizeClass))) {
          forgetSpare(sizeClass);
        }
      }
      if (neighbours.isEmpty()) {
        blocksOfSlab.remove(slab);
        if (slab != draining) {
          ring.remove(slab);
          assertThat(slabs.state(slab)).isEqualTo(SlabLayout.FREE);
        }
      }
      assertThat(slabs.isAllocated(block)).isFalse();
    }

    void drain() {
      if (draining == PartitionSlabs.NO_SLAB) {
        if (!ring.isEmpty()) {
          draining = List.copyOf(ring).get(random.nextInt(ring.size()));
          slabs.drain(draining);
          spareOfClass.entrySet().stream()
              .filter(spare -> slabs.slabOf(spare.getValue()) == draining)
              .map(Map.Entry::getKey)
              .findFirst()
              .ifPresent(this::forgetSpare);
          assertThat(slabs.state(draining)).isEqualTo(SlabLayout.DRAINING);
        }
        return;
      }
      int slab = draining;
      if (random.nextBoolean()) {
        for (long block : List.copyOf(blocksOfSlab.getOrDefault(slab, List.of()))) {
          free(blocks.indexOf(block));
        }
      }
      boolean empty = !blocksOfSlab.containsKey(slab);
      assertThat(slabs.endDrain(slab)).isEqualTo(empty);
      draining = PartitionSlabs.NO_SLAB;
      if (empty) {
        ring.remove(slab);
      }
      assertThat(slabs.state(slab)).isEqualTo(empty ? SlabLayout.FREE : SlabLayout.BLOCKS);
    }

    void rejuvenate() {
      if (!ring.isEmpty()) {
        int slab = List.copyOf(ring).get(random.nextInt(ring.size()));
        slabs.rejuvenate(slab);
        ring.remove(slab);
        ring.add(slab);
      }
    }

    void table() {
      if (!tables.isEmpty() && random.nextBoolean()) {
        freeTable();
        return;
      }
      long word = directoryWord(tables.size());
      if (tables.size() < geometry.directoryCapacity() && slabs.addTable(word)) {
        int table = memory.getInt(word) - 1;
        tables.add(table);
        for (long at = 0; at < classes.slabBytes(); at += Long.BYTES) {
          assertThat(memory.getLong(slabs.slabOffset(table) + at)).isZero();
        }
        memory.putLong(slabs.slabOffset(table) + random.nextInt(classes.slabBytes() / 8) * 8L, -1);
      }
    }

    private long directoryWord(int table) {
      return geometry.directoryOffset(number, 0) + (long) table * Integer.BYTES;
    }

    private void freeTable() {
      long word = directoryWord(tables.size() - 1);
      assertThat(memory.getInt(word) - 1).isEqualTo(tables.removeLast());
      slabs.freeTable(word);
      assertThat(memory.getInt(word)).isZero();
      slabs.freeTable(word);
    }

    void check() {
      List<Integer> seen = new ArrayList<>();
      for (int slab = slabs.oldest(); slab != PartitionSlabs.NO_SLAB; slab = slabs.younger(slab)) {
        seen.add(slab);
      }
      assertThat(seen).as("ring from the oldest on").containsExactlyElementsOf(ring);
      seen.clear();
      for (int slab = slabs.youngest(); slab != PartitionSlabs.NO_SLAB; slab = slabs.older(slab)) {
        seen.addFirst(slab);
      }
      assertThat(seen).as("ring from the youngest back").containsExactlyElementsOf(ring);
      assertThat(slabs.slabCount()).isEqualTo(ring.size());
      assertThat(slabs.tableCount()).isEqualTo(tables.size());
      assertThat(slabs.blockBytes()).isEqualTo(blockBytes);
      assertThat(slabs.spareCount()).isEqualTo(spareOfClass.size());
      spareOfClass.forEach((sizeClass, spare) -> assertThat(spares.get(number, sizeClass)).isEqualTo(spare));
      for (int slab : ring) {
        assertThat(slabs.partition(slab)).isEqualTo(number);
        List<Long> live = new ArrayList<>();
        for (int block = slabs.nextLive(slab, 0); block >= 0; block = slabs.nextLive(slab, block + 1)) {
          live.add(slabs.blockOffset(slab, block));
        }
        assertThat(live).containsExactlyInAnyOrderElementsOf(blocksOfSlab.getOrDefault(slab, List.of()));
        assertThat(slabs.live(slab)).isEqualTo(live.size());
      }
      assertThat(blocks).allMatch(slabs::isAllocated);
    }

    void giveEverythingBack() {
      while (!blocks.isEmpty()) {
        free(blocks.size() - 1);
      }
      assertThat(spareOfClass).as("spares of slabs with other blocks").isEmpty();
      assertThat(slabs.spareCount()).isZero();
      if (draining != PartitionSlabs.NO_SLAB) {
        drain();
      }
      while (!tables.isEmpty()) {
        freeTable();
      }
      check();
      assertThat(slabs.slabCount()).isZero();
      assertThat(slabs.blockBytes()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 8", "2, 4, 60", "20, 2, 30"})
  void everyBlockIsFreeOrInOneHand(int regionMib, int partitions, int classesToUse) {
    try (World world = new World((long) regionMib << 20, partitions, classesToUse)) {
      for (int operation = 0; operation < OPERATIONS; operation++) {
        // It grows for a while, then shrinks, so that both an empty pool and an empty partition occur.
        int allocatePermille = operation / 10_000 % 2 == 0 ? 650 : 250;
        operate(world.models.get(random.nextInt(partitions)), allocatePermille);
        if (operation % 5_000 == 0) {
          world.models.forEach(Model::check);
        }
      }
      world.models.forEach(Model::check);
      world.models.forEach(Model::giveEverythingBack);
      assertThat(world.pool.freeCount()).isEqualTo(world.geometry.slabCount());
    }
  }

  private void operate(Model model, int allocatePermille) {
    int choice = random.nextInt(1000);
    if (choice < allocatePermille) {
      model.allocate();
    } else if (choice < 990) {
      if (!model.blocks.isEmpty()) {
        int index = random.nextInt(model.blocks.size());
        switch (random.nextInt(40)) {
          case 0 -> model.freeSpares();
          case 1, 2, 3, 4, 5, 6, 7, 8, 9 -> model.freeOrKeep(index);
          case 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 -> model.takeSpare();
          default -> model.free(index);
        }
      }
    } else if (choice < 994) {
      model.drain();
    } else if (choice < 998) {
      model.rejuvenate();
    } else {
      model.table();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void offsetsThatAreNoBlocksAreNotAllocated(int partitions) {
    try (World world = new World(1 << 20, partitions, Integer.MAX_VALUE)) {
      Model model = world.models.getFirst();
      for (int i = 0; i < 500; i++) {
        model.allocate();
      }
      for (long offset = 0; offset < world.geometry.regionBytes(); offset += 8) {
        boolean expected = model.classOfBlock.containsKey(offset);
        assertThat(model.slabs.isAllocated(offset)).as("offset %d", offset).isEqualTo(expected);
      }
      assertThat(model.slabs.isAllocated(-8)).isFalse();
      assertThat(model.slabs.isAllocated(world.geometry.regionBytes())).isFalse();
      assertThat(world.models.getLast().slabs.isAllocated(model.blocks.getFirst())).isEqualTo(partitions == 1);
    }
  }
}
