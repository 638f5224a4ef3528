package io.larder.engine;

import io.larder.allocator.Memory;
import java.lang.foreign.MemorySegment;

/** An entry that is being evicted. For the thread that holds its partition's lock. */
public final class Victim {
  private final Memory memory;
  private final Entries entries;
  private long entry;

  Victim(Memory memory, Entries entries) {
    this.memory = memory;
    this.entries = entries;
  }

  Victim at(long offset) {
    entry = offset;
    return this;
  }

  /** The fingerprint of its key, {@link Store#hash}. */
  public long hash() {
    return entries.hash(entry);
  }

  /** The bytes of its key. */
  public int keyLength() {
    return entries.keyLength(entry);
  }

  /** The bytes of its value. */
  public int valueLength() {
    return entries.valueLength(entry);
  }

  /** When its time to live ends, in milliseconds since 1970; 0 for never. */
  public long expiryMillis() {
    return EntryLayout.expiryMillis(entries.terms(entry));
  }

  /** The cost that was given with it. */
  public int cost() {
    return EntryLayout.cost(entries.terms(entry));
  }

  /** Whether it would also have expired by not being accessed. */
  public boolean hasTimeToIdle() {
    return entries.is(entry, EntryLayout.IDLE);
  }

  /** The user's flags, 0 to {@link EntryLayout#USER_FLAGS_MAX}. */
  public int userFlags() {
    return entries.userFlags(entry);
  }

  /** How often it was hit of late, 0 to 15: halved now and then, and at least about right. */
  public int frequency() {
    return PolicyBits.frequency(entries.policyBits(entry));
  }

  /** Copies the key to the target, from {@code at} on. */
  public void copyKey(MemorySegment target, long at) {
    memory.copyOut(entries.key(entry), target, at, keyLength());
  }

  /** Copies the value to the target, from {@code at} on. */
  public void copyValue(MemorySegment target, long at) {
    entries.copyValue(entry, target, at);
  }
}
