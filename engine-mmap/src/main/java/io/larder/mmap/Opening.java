package io.larder.mmap;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import io.larder.engine.LockOwners;
import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.mmap.Attachment.Place;
import io.larder.mmap.Attachment.Slot;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brings this process onto a file: makes the file, joins those who are on it, or starts it over.
 *
 * <pre>
 * ATT-2  Made once, and joined when complete
 *   Shared     : kernel lock of the file "open"; magic, ready, boot id, clean flag
 *   Invariant  : who is attached to a file found ready = READY, or made it so. A file is written anew only when nobody
 *                is attached
 *   Maker      : M1 open lock  M2 first page alone: magic and zeros, on the disk   M3 the rest reserved
 *                M4 map, own record   M5 the store, READY last   M6 give the open lock back
 *   Joiner     : J1 open lock  J2 read the first page   J3 slot lock, map, own record   J4 clean flag cleared, on the
 *                disk   J5 give the open lock back   J6 clear up after former owners of the slot
 *   Last one   : L1 region unmapped  L2 open lock  L3 record FREE   L4 no other slot lock is held   L5 all on the disk
 *                L6 clean flag, on the disk   L7 slot lock and open lock given back
 *   Argument   : M1 to M6, J1 to J5, L2 to L7 exclude each other. Before M5 nobody but the maker is attached, and if
 *                its lock is free it is dead: started over. Attached are, from J3 on, holders of slot locks only, and
 *                L4 sees them, because J3 is under the open lock. With the clean flag set nobody is attached, and
 *                nothing has been written to the region since L5
 *   Power loss : the clean flag is on the disk only if all of the region is (L5 before L6), and is gone from there
 *                before anything is changed (J4 before J5): with the flag, what is found is what was left. Without it,
 *                after another boot, pages may be of different moments: the content is given up
 *   Killed     : before M2 an empty file; until M5 magic without READY: the next one starts over. Between J3 and J5 a
 *                record that says ATTACHED, and a clean flag that is still true. Between L3 and L6 no clean flag, on a
 *                region that is kept within this boot
 *   Checked by : AttachCrashTest, SharedRegionTest, SharedRegionIpcTest, MountIpcTest
 *
 * ATT-3  A tier has one user
 *   Shared     : kernel lock of the file "open"; kernel locks of the slots; the bit TIER
 *   Invariant  : of a file with the bit, at most one slot's lock is held, by one opening of one process
 *   Opener     : T1 open lock  T2 the bit is as wanted  T3 no slot's lock is held  T4 slot lock, by M or J of ATT-2
 *   Argument   : T1 to T4 exclude each other, so what T3 has seen is so until T4. The bit is written before READY and
 *                not changed. Who opens a file with it as one to share ends at T2; who does so in the JVM that has it
 *                is given the attachment that there is, and refused by its check
 *   Killed     : the kernel drops the lock: T3 sees nobody
 *   Glances    : who only looks whether an attachment lives has its lock for a moment. T3 sees that as a user, and
 *                looks again until its deadline
 *   Checked by : TierRegionTest, TierRegionIpcTest
 * </pre>
 */
final class Opening {
  private final Path file;
  private final OpeningRequest request;
  private final Deadline deadline;
  private final Host host;
  private final LockFiles locks;

  /**
   * One opening.
   *
   * @param file the real path
   * @param request what is wanted of it
   */
  Opening(Path file, OpeningRequest request, Deadline deadline, Host host, LockFiles locks) {
    this.file = file;
    this.request = request;
    this.deadline = deadline;
    this.host = host;
    this.locks = locks;
  }

  /** Attaches this process, as soon as the open lock and a slot are free. */
  Attachment run() throws IOException {
    Attachment attachment = attach();
    try {
      attachment.settle();
      if (attachment.store().isLost()) {
        throw new RegionFileException(Reason.TRUNCATED, file, "truncated or damaged: it was lost while being opened");
      }
      return attachment;
    } catch (Throwable failure) {
      attachment.close();
      throw failure;
    }
  }

  private Attachment attach() throws IOException {
    while (true) {
      boolean lastTry = deadline.isOver();
      try (HeldLock open = locks.awaitOpen(deadline)) {
        Attachment attachment = Files.exists(file) ? attachToExisting(open, lastTry) : attachToNew(open);
        if (attachment != null) {
          return attachment;
        }
      }
      if (lastTry) {
        throw new RegionFileException(
            Reason.FULL,
            file,
            "found none of its " + FileLayout.ATTACHMENTS_MAX + " attachments free, expected one; each can be taken "
                + Liveness.EPOCH_MAX + " times in the life of a file");
      }
      deadline.pause();
    }
  }

  private @Nullable Attachment attachToNew(HeldLock open) throws IOException {
    checkMakable(request.size(), 0);
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
            OwnerOnly.file(file))) {
      return make(open, channel, request.size(), request.packed(), request.base().verifyReads());
    }
  }

  private void checkMakable(FileSize size, long hasBytes) throws IOException {
    Site.checkMakable(file, size, hasBytes, request.base(), host);
  }

  private @Nullable Attachment attachToExisting(HeldLock open, boolean lastTry) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      Header header = Header.read(file, channel);
      if (header.isHalfMade()) {
        if (locks.isAnyHeld()) {
          throw new RegionFileException(
              Reason.TRUNCATED,
              file,
              "found it cut to " + header.fileBytes() + " bytes, or overwritten, while processes are attached; stop"
                  + " them, or wait until they have noticed");
        }
        checkMakable(request.size(), header.fileBytes());
        return make(open, channel, request.size(), request.packed(), request.base().verifyReads());
      }
      header.check(request.anew() ? 0 : request.size().limitBytes());
      header.checkKind(request.kind());
      if (request.kind() == RegionKind.TIER && !isAlone(header, lastTry)) {
        return null;
      }
      FileSize sizeOfNew = request.size().equals(FileSize.ANY) ? header.size() : request.size();
      if (request.anew()) {
        checkMakable(sizeOfNew, header.fileBytes());
      }
      // What is a matter of the file stays so if it has to be made anew.
      return isGivenUp(open, header)
          ? make(
              open,
              channel,
              sizeOfNew,
              request.packed() || header.isPacked(),
              request.base().verifyReads() || header.hasChecksums())
          : join(open, channel, header);
    }
  }

  /**
   * Whether nobody is attached, ATT-3. If there is time for another try whoever is may have left by then.
   */
  private boolean isAlone(Header header, boolean lastTry) throws IOException {
    int slot = locks.firstHeld();
    if (slot != LockFiles.NONE && lastTry) {
      throw new RegionFileException(
          Reason.IN_USE,
          file,
          "in use: found the process " + header.pid(slot) + " attached, after " + deadline.length()
              + ", expected nobody; a tier belongs to one cache at a time: close that cache, or give this one another"
              + " file");
    }
    return slot == LockFiles.NONE;
  }

  /** Whether what is in the file is not to be found any more. */
  private boolean isGivenUp(HeldLock open, Header header) throws IOException {
    if (mustStartOver(open, header)) {
      return true;
    }
    if (request.anew() && !header.isClean() && !locks.belongTo(open, header.lockId())) {
      throw locks.notTheirs(null);
    }
    return request.anew();
  }

  /** Whether pages of different moments may have come together in the file. */
  private boolean mustStartOver(HeldLock open, Header header) throws IOException {
    BootId now = host.bootId();
    if (header.isClean() || header.bootId().isSameBoot(now)) {
      return false;
    }
    boolean bothUnknown = header.bootId().equals(now);
    if (bothUnknown && !locks.belongTo(open, header.lockId())) {
      throw locks.notTheirs(null);
    }
    if (!locks.isAnyHeld()) {
      return true;
    }
    if (bothUnknown) {
      return false;
    }
    throw new RegionFileException(
        Reason.FOREIGN_ATTACHMENT,
        file,
        "found processes attached under the boot id " + header.bootId() + ", expected this kernel's, " + now
            + ": a region belongs to one machine");
  }

  private @Nullable Attachment join(HeldLock open, FileChannel channel, Header header) throws IOException {
    if (header.isClean()) {
      locks.adopt(open, header.lockId());
    } else if (!locks.belongTo(open, header.lockId())) {
      throw locks.notTheirs(null);
    }
    Slot slot = takeSlot(header);
    if (slot == null) {
      return null;
    }
    StoreOptions options = options(header.regionBytes(), header.hasChecksums());
    try {
      return Attachment.join(place(), slot, channel, options, host.bootId());
    } catch (IllegalArgumentException damaged) {
      slot.lock().close();
      throw new RegionFileException(
          Reason.NOT_A_REGION, file, "damaged superblock: " + damaged.getMessage(), damaged);
    } catch (Throwable failure) {
      slot.lock().close();
      throw failure;
    }
  }

  /** Makes a region in a file that nobody is attached to; if that fails the file is deleted. */
  private @Nullable Attachment make(
      HeldLock open, FileChannel channel, FileSize sizeOfNew, boolean packed, boolean checksums) throws IOException {
    Slot slot = null;
    Attachment made = null;
    try {
      long lockId = new SecureRandom().nextLong();
      locks.adopt(open, lockId);
      slot = takeSlot(null);
      if (slot != null) {
        StoreOptions options = optionsOfNew(sizeOfNew.limitBytes(), checksums);
        reserve(channel, options, sizeOfNew.bytes());
        made =
            Attachment.create(
                place(), slot, channel, options, sizeOfNew.bytes(), packed, host.bootId(), lockId);
      }
      return made;
    } finally {
      if (made == null) {
        if (slot != null) {
          slot.lock().close();
        }
        Files.deleteIfExists(file);
      }
    }
  }

  private StoreOptions optionsOfNew(long limit, boolean checksums) {
    StoreOptions options = options(limit, checksums);
    return options.hashSeed() == 0 ? options.withHashSeed(StoreOptions.drawSeed()) : options;
  }

  private StoreOptions options(long limit, boolean checksums) {
    return request.base().withMemoryBytes(limit).withVerifyReads(checksums).withOwners(LockOwners.PRIVATE);
  }

  private Place place() {
    return new Place(file, locks, request.kind(), deadline.length(), host, new Views(file, request.kind(), host));
  }

  /**
   * Takes the first slot whose lock is free; null when none is at this moment.
   *
   * @param header of the file, unless it is going to be made
   */
  private @Nullable Slot takeSlot(@Nullable Header header) throws IOException {
    try {
      for (int slot = 0; slot < FileLayout.ATTACHMENTS_MAX; slot++) {
        boolean usedUp = header != null && Long.compareUnsigned(header.epoch(slot), Liveness.EPOCH_MAX) >= 0;
        HeldLock lock = usedUp ? null : locks.tryAttachment(slot);
        if (lock != null) {
          return new Slot(slot, lock);
        }
      }
      return null;
    } catch (NoSuchFileException missing) {
      throw locks.notTheirs(missing);
    }
  }

  /**
   * Makes a file of the length of its limit, all zero but for the magic, where the file system has a place for what a
   * region of a size needs.
   */
  private void reserve(FileChannel channel, StoreOptions options, long bytes) throws IOException {
    Store.Extent extent = Store.spaceOfNew(options, bytes);
    writeFirstPage(channel);
    Reservation reservation = Reservation.of(file, host);
    long tail = extent.tailStart() & -RegionGeometry.PAGE_BYTES;
    if (extent.headEnd() >= tail) {
      reservation.reserve(RegionGeometry.PAGE_BYTES, options.memoryBytes());
    } else {
      reservation.reserve(RegionGeometry.PAGE_BYTES, extent.headEnd());
      reservation.reserve(tail, options.memoryBytes());
    }
  }

  /** The file says whose it is before it grows. */
  private void writeFirstPage(FileChannel channel) throws IOException {
    ByteBuffer page = ByteBuffer.allocate(RegionGeometry.PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    page.putLong((int) RegionLayout.MAGIC_OFFSET, RegionLayout.MAGIC);
    try {
      channel.truncate(0);
      while (page.hasRemaining()) {
        channel.write(page, page.position());
      }
      channel.force(true);
    } catch (ClosedByInterruptException interrupt) {
      throw Reservation.interrupted(file, interrupt);
    } catch (IOException failure) {
      throw new RegionFileException(
          Reason.NO_SPACE, file, "its first page cannot be written: " + failure.getMessage(), failure);
    }
  }
}
