package io.larder.mmap;

import io.larder.allocator.Memory;
import io.larder.allocator.MemoryFault;
import io.larder.engine.LockOwners;
import io.larder.engine.PartitionBusyException;
import io.larder.engine.RegionBacking;
import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * This process on one file: a slot, its kernel lock, the mapping and the store over it. There is one for each file in a
 * JVM, however often it opens the file.
 *
 * <p>Made and closed by one thread at a time, under the file's turn in this JVM. Any thread may find out that the file
 * was cut: then the slot's lock is dropped when no thread touches the region any more, so that those who may still use
 * what is left of it see a dead process, and nothing is written.
 */
final class Attachment implements RegionBacking {
  /** Of one slot, how many killed owners are cleared up after; more than one only if the clearing was killed, too. */
  private static final long OWED_MAX = 64;

  private final Place place;
  private final Slot slot;
  private final Superblock superblock;
  private final Memory memory;
  private final Store store;
  private final Liveness owners;
  private final boolean created;
  private final boolean packed;
  private final @Nullable ProcessCounters counters;
  private final @Nullable Object fileKey;
  private final LockWatch lockWatch;
  private final FileWatch watch;
  private final FileSpace space;
  private final AtomicBoolean left = new AtomicBoolean();
  private final AtomicBoolean moved = new AtomicBoolean();

  /** Whether nothing is left of the slot's former owners; guarded by this. */
  private boolean settled;

  /** Whether the file of a tier that was lost has been spoiled; guarded by this. */
  private boolean spoiled;

  /** The epoch of each slot up to which this process has cleared up; guarded by this. */
  private final long[] clearedEpochs = new long[FileLayout.ATTACHMENTS_MAX];

  private Attachment(
      Place place,
      Slot slot,
      Superblock superblock,
      Memory memory,
      Store store,
      Liveness owners,
      boolean created)
      throws IOException {
    this.place = place;
    this.slot = slot;
    this.superblock = superblock;
    this.memory = memory;
    this.store = store;
    this.owners = owners;
    this.created = created;
    this.packed = superblock.isPacked();
    this.fileKey = fileKey(place.file());
    this.lockWatch = LockWatch.of(place.locks().attachmentFile(slot.number()));
    this.counters = counters(place, slot, owners.epoch());
    this.watch =
        new FileWatch(place.file(), memory.bytes(), superblock.lockId(), place.kind() == RegionKind.TIER);
    this.space = new FileSpace(place.file(), place.host());
  }

  /** Apart, because loggers take long to start, and a fresh JVM that opens a file has nothing to log. */
  private static final class Log {
    static final Logger LOG = System.getLogger("io.larder.mmap");
  }

  /**
   * Where an attachment is.
   *
   * @param file the real path
   * @param locks its lock files
   * @param kind what the region is for
   * @param patience how long closing waits for other processes
   * @param host where space comes from
   * @param views how it sees what it maps
   */
  record Place(Path file, LockFiles locks, RegionKind kind, Duration patience, Host host, Views views) {}

  /**
   * A slot whose kernel lock this process holds.
   *
   * @param number 0 to {@link FileLayout#ATTACHMENTS_MAX} - 1
   * @param lock its lock
   */
  record Slot(int number, HeldLock lock) {}

  /** Makes a store in mapped memory, or finds one there. */
  @FunctionalInterface
  interface StoreSource {
    Store store(Memory memory, StoreOptions options);
  }

  /** Makes a store of a size in the zeros of a file. */
  static Attachment create(
      Place place,
      Slot slot,
      FileChannel channel,
      StoreOptions options,
      long bytes,
      boolean packed,
      BootId bootId,
      long lockId)
      throws IOException {
    Superblock superblock = superblock(place, channel);
    try {
      long checksums = options.verifyReads() ? FileLayout.CHECKSUMS : 0;
      superblock.describe(
          place.kind().feature() | checksums | (packed ? FileLayout.PACKED : 0), bootId, lockId);
      Attachment attachment =
          on(
              place, slot, superblock, channel, options, (memory, all) -> Store.open(memory, all, bytes), true);
      superblock.seal();
      return attachment;
    } catch (Throwable failure) {
      superblock.close();
      place.views().close();
      throw failure;
    }
  }

  private static Superblock superblock(Place place, FileChannel channel) throws IOException {
    try {
      return Superblock.map(channel, place.views());
    } catch (Throwable failure) {
      place.views().close();
      throw failure;
    }
  }

  /** Attaches to the store in a file. */
  static Attachment join(Place place, Slot slot, FileChannel channel, StoreOptions options, BootId bootId)
      throws IOException {
    Superblock superblock = superblock(place, channel);
    try {
      // Attaching changes nothing in the region but the record, which a clean file may have.
      Attachment attachment = on(place, slot, superblock, channel, options, Store::attach, false);
      try {
        if (superblock.isClean()) {
          superblock.begin(bootId);
        }
      } catch (Throwable failure) {
        attachment.memory.close();
        throw failure;
      }
      return attachment;
    } catch (Throwable failure) {
      superblock.leave(slot.number());
      superblock.close();
      place.views().close();
      throw failure;
    }
  }

  private static Attachment on(
      Place place,
      Slot slot,
      Superblock superblock,
      FileChannel channel,
      StoreOptions base,
      StoreSource source,
      boolean created)
      throws IOException {
    Memory memory = place.views().ofRegion(Superblock.map(channel, base.memoryBytes()));
    try {
      long epoch = superblock.take(slot.number());
      Liveness owners = new Liveness(place.locks(), superblock, slot.number(), epoch);
      Store store = source.store(memory, base.withOwners(owners));
      Attachment attachment = new Attachment(place, slot, superblock, memory, store, owners, created);
      store.setBacking(attachment);
      MemoryFault.await();
      return attachment;
    } catch (Throwable failure) {
      memory.close();
      throw failure;
    }
  }

  /** Null where they cannot be told of: they are not needed. But an interrupt may have cost the slot's lock. */
  private static @Nullable ProcessCounters counters(Place place, Slot slot, long epoch) throws IOException {
    try {
      return ProcessCounters.begin(slot.lock().channel(), epoch, place.views());
    } catch (IOException failure) {
      if (!slot.lock().channel().isOpen()) {
        throw failure;
      }
      Log.LOG.log(Level.INFO, place.file() + ": others cannot be told of hits and misses", failure);
      return null;
    }
  }

  /** Tells others what this process counts for itself: what there is in all, and what has come since. */
  void publish(long moreLoads, long moreLoadFailures) {
    if (counters != null && !left.get()) {
      counters.publish(store.hits(), store.misses(), moreLoads, moreLoadFailures);
    }
  }

  /** As {@link #publish}, of what the tier of a cache counts besides. */
  void publishTier(long promotions, long cleanSkips, long dropped) {
    if (counters != null && !left.get()) {
      counters.publishTier(promotions, cleanSkips, dropped);
    }
  }

  /** What this process has told of. */
  AttachmentReport.Counts counts() {
    return counters == null || left.get() ? AttachmentReport.Counts.NONE : counters.counts();
  }

  /**
   * Clears up after the former owners of the slot who were killed: what they were building, and what they had locked.
   * They are known to be dead by the slot itself. A kill in here leaves their epochs to the next owner; a process that
   * is stopped under a lock, to {@link #look}.
   */
  synchronized void settle() {
    if (settled) {
      return;
    }
    try {
      settleFormer();
      settled = true;
    } catch (PartitionBusyException later) {
      Log.LOG.log(Level.DEBUG, place.file() + ": clearing up after former owners goes on another time", later);
    }
  }

  private void settleFormer() {
    long settledEpoch = superblock.settledEpoch(slot.number());
    for (long owed = Math.max(settledEpoch + 1, owners.epoch() - OWED_MAX); owed < owners.epoch(); owed++) {
      store.releaseOwner(Liveness.token(slot.number(), owed));
    }
    superblock.settle(slot.number(), owners.epoch() - 1);
  }

  // ---- the file under us

  @Override
  public boolean isWhole() {
    return watch.isWhole();
  }

  @Override
  public void lost(String why) {
    if (place.kind() == RegionKind.TIER) {
      spoil();
      Log.LOG.log(
          Level.ERROR,
          place.file() + ": the second tier is lost, " + why + ". Nothing is found in it or stored until its file can"
              + " be made anew, which is tried every few seconds");
    } else {
      Log.LOG.log(
          Level.ERROR,
          place.file() + ": given up by this process, " + why + ". Nothing is found in it or stored until it is closed"
              + " and opened again; delete it first if it is damaged");
    }
    if (left.compareAndSet(false, true)) {
      letGo();
    }
  }

  /** As {@link TierRegion#spoil}. */
  synchronized void spoil() {
    if (spoiled) {
      return;
    }
    spoiled = true;
    try {
      watch.spoil();
    } catch (IOException failure) {
      Log.LOG.log(
          Level.ERROR,
          place.file() + ": cannot be marked as out of date; delete it before another cache opens it",
          failure);
    }
  }

  /**
   * Looks whether the file is still what it was, and gives the region up if it is not; clears up after others who have
   * been killed; forgets which pages are in memory.
   */
  void look() {
    place.views().forget();
    lookAtFile();
    if (!left.get() && !store.isLost()) {
      settle();
      clearUpAfterOthers();
      finishResizing();
    }
  }

  private void finishResizing() {
    try {
      if (store.finishResizing(space)) {
        Log.LOG.log(
            Level.INFO,
            place.file() + ": brought to " + store.bytes() + " bytes, for a process that was killed at that");
      }
    } catch (IOException failure) {
      Log.LOG.log(
          Level.WARNING,
          place.file() + ": stays at " + store.bytes() + " bytes; a process was killed that was changing that",
          failure);
    } catch (PartitionBusyException later) {
      Log.LOG.log(Level.DEBUG, place.file() + ": its size is changed another time", later);
    }
  }

  /** As {@link SharedRegion#resize}. */
  long resize(long bytes) throws IOException {
    return store.resize(bytes, space);
  }

  /** What others were building and had locked when they were killed, without waiting for who takes their slot. */
  private synchronized void clearUpAfterOthers() {
    try {
      for (int other = 0; other < FileLayout.ATTACHMENTS_MAX; other++) {
        long epoch = superblock.epochAcquire(other);
        long token = Liveness.token(other, epoch);
        if (epoch > clearedEpochs[other]
            && other != slot.number()
            && superblock.isTaken(other)
            && owners.isDead(token)) {
          store.releaseOwner(token);
          clearedEpochs[other] = epoch;
        }
      }
    } catch (PartitionBusyException later) {
      Log.LOG.log(Level.DEBUG, place.file() + ": clearing up goes on another time", later);
    }
  }

  private void lookAtFile() {
    if (left.get() || store.isLost()) {
      return;
    }
    try {
      String loss = watch.findLoss(memory);
      if (loss == null && isTakenForDead()) {
        loss = lockDropped();
      }
      MemoryFault.await();
      if (loss != null) {
        store.giveUp(loss);
      }
    } catch (InternalError | IllegalStateException failure) {
      boolean fault = MemoryFault.swallow() || MemoryFault.is(failure);
      if (fault) {
        store.giveUp("an access to its memory failed: " + failure.getMessage());
      } else if (memory.isOpen()) {
        throw failure;
      }
    }
    if (store.isLost() || !watch.isMoved()) {
      return;
    }
    if (place.kind() == RegionKind.TIER) {
      store.giveUp("the file has been deleted or replaced");
    } else if (moved.compareAndSet(false, true)) {
      Log.LOG.log(
          Level.WARNING,
          place.file() + ": deleted or replaced. Those who have it open go on with it, others cannot join them");
    }
  }

  /** Drops what keeps others from seeing this process as dead; the region is unmapped: ATT-1, O2. */
  private void letGo() {
    superblock.close();
    if (counters != null) {
      counters.close();
    }
    drop(slot.lock());
    place.views().close();
    try {
      watch.close();
    } catch (IOException failure) {
      Log.LOG.log(Level.DEBUG, place.file() + " cannot be closed", failure);
    }
  }

  Store store() {
    return store;
  }

  Path file() {
    return place.file();
  }

  /** Whether a path leads to the very file that this was made for, by whatever name. */
  boolean isAt(Path path) throws IOException {
    return fileKey != null && Files.exists(path) && fileKey.equals(fileKey(path));
  }

  int slot() {
    return slot.number();
  }

  LockOwners owners() {
    return owners;
  }

  boolean isCreated() {
    return created;
  }

  /** {@link SharedRegion#isPacked}. */
  boolean isPacked() {
    return packed;
  }

  /**
   * Refuses an opening that does not mean this file, wants another kind or limit, or a tier that it is not the first to
   * open.
   *
   * @param attachedNow whether this was made for that opening
   */
  void check(Path path, OpeningRequest request, boolean attachedNow) throws IOException {
    if (store.isLost()) {
      throw new RegionFileException(
          Reason.TRUNCATED, path, "this JVM has lost it and has not closed it yet; close it first");
    }
    if (!Files.exists(path) || !Objects.equals(fileKey, fileKey(path))) {
      throw new RegionFileException(
          Reason.REPLACED, path, "found another file or none, expected the one that this JVM has open already");
    }
    if (request.kind() != place.kind()) {
      throw Header.otherKind(path, place.kind(), request.kind());
    }
    if (place.kind() == RegionKind.TIER && !attachedNow) {
      throw new RegionFileException(
          Reason.IN_USE,
          path,
          "in use: found it open in this JVM already, expected nobody to have it; a tier belongs to one cache at a"
              + " time: close that cache first, or give this one another file");
    }
    long limitBytes = request.size().limitBytes();
    if (limitBytes != 0 && limitBytes != memory.bytes()) {
      throw new RegionFileException(
          Reason.SIZE,
          path,
          "size: found " + memory.bytes() + " bytes as its limit, open in this JVM already, expected the " + limitBytes
              + " that were asked for");
    }
  }

  private static @Nullable Object fileKey(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  /**
   * Gives the attachment up. What cannot be done in order, because another process is in the way or the disk fails, is
   * left as if this process had been killed.
   */
  void close() {
    lookAtFile();
    if (memory.isOpen()) {
      store.close();
    }
    if (!left.compareAndSet(false, true)) {
      return;
    }
    // From here on no thread of this process touches the region: ATT-1, O1.
    boolean interrupted = Thread.interrupted();
    try {
      if (place.kind() == RegionKind.TIER && store.isLost()) {
        spoil();
        return;
      }
      leave();
      MemoryFault.await();
    } catch (IOException failure) {
      Log.LOG.log(Level.WARNING, place.file() + ": left as if this process had been killed", failure);
    } catch (InternalError failure) {
      if (!MemoryFault.swallow() && !MemoryFault.is(failure)) {
        throw failure;
      }
      Log.LOG.log(Level.WARNING, place.file() + ": cut while it was being closed", failure);
    } finally {
      letGo();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void leave() throws IOException {
    if (isLast(false)) {
      // Outside of the lock, so that little is left to do under it.
      sync();
    }
    try (HeldLock open = place.locks().awaitOpen(Deadline.in(place.patience()))) {
      assert open.lock().isValid();
      if (isTakenForDead()) {
        throw new IOException(lockDropped());
      }
      requireSettled();
      superblock.settle(slot.number(), owners.epoch());
      superblock.leave(slot.number());
      if (isLast(true)) {
        sync();
        superblock.end();
      }
      drop(slot.lock());
    }
  }

  /** The region is unmapped already, so it is too late to settle. */
  private synchronized void requireSettled() throws IOException {
    if (!settled) {
      throw new IOException("another process is stopped, so that this one could not clear up after former owners");
    }
  }

  /**
   * Whether the slot's lock was dropped under us: then others have seen a dead process here, and the record may be a
   * newcomer's.
   */
  boolean isTakenForDead() {
    return lockWatch.isDropped() || superblock.epochAcquire(slot.number()) != owners.epoch();
  }

  private String lockDropped() {
    return "the lock on " + place.locks().attachmentFile(slot.number())
        + " was dropped: other code in this process has opened that file and closed it";
  }

  /** Whether no other process is attached; {@code surely} needs the {@code open} lock. */
  private boolean isLast(boolean surely) throws IOException {
    for (int other = 0; other < FileLayout.ATTACHMENTS_MAX; other++) {
      if (other != slot.number() && superblock.isTaken(other)
          && (!surely || place.locks().isHeld(other))) {
        return false;
      }
    }
    return true;
  }

  /** Waits until all that was written to the file, through the mapping as well, is on its disk. */
  private void sync() throws IOException {
    try (FileChannel channel = FileChannel.open(place.file(), StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static void drop(HeldLock lock) {
    try {
      lock.close();
    } catch (IOException failure) {
      Log.LOG.log(Level.WARNING, "a lock file cannot be closed", failure);
    }
  }
}
