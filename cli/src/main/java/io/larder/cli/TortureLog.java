package io.larder.cli;

import io.larder.cli.TortureOperation.Kind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * What a worker did, in a file of its own: a record for each operation, written before it begins and completed when it
 * has ended. The file is mapped, so what has been written is the kernel's: killing the worker loses nothing of it.
 *
 * <p>The state is written last, with release: a kill finds the stores before it done, as the processor completes the
 * stores of one thread in their order.
 */
final class TortureLog {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_INT.withName("state"),
          ValueLayout.JAVA_INT.withName("kind"),
          ValueLayout.JAVA_INT.withName("key"),
          MemoryLayout.paddingLayout(Integer.BYTES),
          ValueLayout.JAVA_LONG.withName("begin"),
          ValueLayout.JAVA_LONG.withName("end"),
          ValueLayout.JAVA_LONG.withName("id"),
          ValueLayout.JAVA_LONG.withName("expected"),
          ValueLayout.JAVA_LONG.withName("outcome"),
          ValueLayout.JAVA_LONG.withName("found"));

  private static final long STATE_OFFSET = offset("state");
  private static final long KIND_OFFSET = offset("kind");
  private static final long KEY_OFFSET = offset("key");
  private static final long BEGIN_OFFSET = offset("begin");
  private static final long END_OFFSET = offset("end");
  private static final long ID_OFFSET = offset("id");
  private static final long EXPECTED_OFFSET = offset("expected");
  private static final long OUTCOME_OFFSET = offset("outcome");
  private static final long FOUND_OFFSET = offset("found");
  private static final int RECORD_BYTES = (int) LAYOUT.byteSize();

  /** Nothing is here yet. */
  private static final int EMPTY = 0;

  /** The operation is about to begin, or has begun. */
  private static final int INTENDED = 1;

  /** It has ended. */
  private static final int DONE = 2;

  /** It has ended, and what it read was no whole value. */
  private static final int TORN = 3;

  /** How many records a log has room for: more than a worker writes in a round. */
  static final int RECORDS_MAX = 1 << 20;

  private static final VarHandle STATE = ValueLayout.JAVA_INT.varHandle();

  private TortureLog() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
  }

  /** The worker's side; for one thread. */
  static final class Writer implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment records;
    private int count;

    /** Makes the file. Its space is taken as it is written. */
    Writer(Path file) throws IOException {
      try (FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        records = channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) RECORDS_MAX * RECORD_BYTES, arena);
      }
    }

    boolean hasRoom(int more) {
      return count + more <= RECORDS_MAX;
    }

    /** Notes what is going to be done, and returns the record's number. */
    int intend(Kind kind, int key, long id, long expected) {
      int record = intendAt(System.nanoTime(), kind, key, id, expected);
      // The operation begins after its time has been taken and noted.
      VarHandle.fullFence();
      return record;
    }

    /** The time at which an operation has ended. What it has stored is seen by all before it is taken. */
    static long endNow() {
      VarHandle.fullFence();
      return System.nanoTime();
    }

    /** Notes that it has ended now, and how. */
    void done(int record, long outcome, long found) {
      doneAt(endNow(), record, outcome, found);
    }

    /** Notes that it read what is no value. */
    void tornAt(long end, int record) {
      long at = (long) record * RECORD_BYTES;
      records.set(ValueLayout.JAVA_LONG, at + END_OFFSET, end);
      STATE.setRelease(records, at + STATE_OFFSET, TORN);
    }

    int intendAt(long begin, Kind kind, int key, long id, long expected) {
      long at = (long) count * RECORD_BYTES;
      records.set(ValueLayout.JAVA_INT, at + KIND_OFFSET, kind.number());
      records.set(ValueLayout.JAVA_INT, at + KEY_OFFSET, key);
      records.set(ValueLayout.JAVA_LONG, at + BEGIN_OFFSET, begin);
      records.set(ValueLayout.JAVA_LONG, at + ID_OFFSET, id);
      records.set(ValueLayout.JAVA_LONG, at + EXPECTED_OFFSET, expected);
      STATE.setRelease(records, at + STATE_OFFSET, INTENDED);
      return count++;
    }

    void doneAt(long end, int record, long outcome, long found) {
      long at = (long) record * RECORD_BYTES;
      records.set(ValueLayout.JAVA_LONG, at + END_OFFSET, end);
      records.set(ValueLayout.JAVA_LONG, at + OUTCOME_OFFSET, outcome);
      records.set(ValueLayout.JAVA_LONG, at + FOUND_OFFSET, found);
      STATE.setRelease(records, at + STATE_OFFSET, DONE);
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /** The supervisor's side: reads on as the worker writes. */
  static final class Reader implements AutoCloseable {
    private static final int RECORDS_AT_ONCE = 1024;

    private final FileChannel channel;
    private final int writer;
    private final ByteBuffer records =
        ByteBuffer.allocate(RECORDS_AT_ONCE * RECORD_BYTES).order(ByteOrder.nativeOrder());
    private long position;

    Reader(Path file, int writer) throws IOException {
      this.channel = FileChannel.open(file, StandardOpenOption.READ);
      this.writer = writer;
    }

    /**
     * Adds what has ended since the last call, up to the first operation that has not.
     *
     * @return when that one began; 0 when there is none
     */
    long read(List<TortureOperation> operations) throws IOException {
      return read(operations, false);
    }

    /** Adds all that is left, once the worker is dead: what has not ended, too. */
    void readRest(List<TortureOperation> operations) throws IOException {
      read(operations, true);
    }

    private long read(List<TortureOperation> operations, boolean pendingToo) throws IOException {
      while (true) {
        records.clear();
        int bytes = channel.read(records, position);
        for (int at = 0; at + RECORD_BYTES <= bytes; at += RECORD_BYTES) {
          int state = records.getInt(at + (int) STATE_OFFSET);
          if (state == EMPTY) {
            return 0;
          }
          if (state == INTENDED && !pendingToo) {
            return records.getLong(at + (int) BEGIN_OFFSET);
          }
          operations.add(operation(at, state));
          position += RECORD_BYTES;
        }
        if (bytes < records.capacity()) {
          return 0;
        }
      }
    }

    private TortureOperation operation(int at, int state) {
      boolean done = state == DONE;
      return new TortureOperation(
          Kind.of(records.getInt(at + (int) KIND_OFFSET)),
          records.getInt(at + (int) KEY_OFFSET),
          writer,
          records.getLong(at + (int) BEGIN_OFFSET),
          state == INTENDED ? TortureOperation.NEVER : records.getLong(at + (int) END_OFFSET),
          records.getLong(at + (int) ID_OFFSET),
          records.getLong(at + (int) EXPECTED_OFFSET),
          done ? records.getLong(at + (int) OUTCOME_OFFSET) : TortureOperation.FOUND,
          done ? records.getLong(at + (int) FOUND_OFFSET) : 0,
          state == TORN);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
