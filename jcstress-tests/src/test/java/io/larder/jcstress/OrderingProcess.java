package io.larder.jcstress;

import io.larder.allocator.Memory;
import io.larder.allocator.SegmentMemory;
import io.larder.engine.Stage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.UnaryOperator;

/**
 * One of the two processes of {@link OrderingIpcTest}: the writer, who makes the stage in a mapped file, says
 * {@code ready} and plays until the reader is over; or the reader, who joins, looks, and says what it has seen. Either
 * may be broken.
 *
 * <p>Arguments: role, {@link Play}, file, and for the reader how often to look.
 */
final class OrderingProcess implements Play.Actor {
  /** Who it is. */
  enum Role {
    /** Writes as the store does. */
    WRITER,

    /** Names an entry before it is written. */
    LATE_WRITER,

    /** Announces what it has not put yet. */
    HASTY_WRITER,

    /** Reads as the store does. */
    READER,

    /** Does not look at a stamp again, nor at the shape. */
    BLIND_READER
  }

  /** As {@link Stage#get} has it, more than any value. */
  private static final int ROOM_BYTES = 8 << 10;

  /** The writer's end, when the reader is never over. */
  private static final long ROUNDS_MAX = 200_000_000;

  private final Play play;
  private final Role role;
  private final byte[][] keys;
  private final Stage stage;
  private final Board board;
  private final Stalls stalls = new Stalls();

  private OrderingProcess(Play play, Role role, Stage stage, Board board) {
    this.play = play;
    this.role = role;
    this.keys = play.makeKeys();
    this.stage = stage;
    this.board = board;
  }

  public static void main(String[] arguments) throws IOException {
    Role role = Role.valueOf(arguments[0]);
    Play play = Play.valueOf(arguments[1]);
    try (FileChannel channel =
            FileChannel.open(Path.of(arguments[2]), StandardOpenOption.READ, StandardOpenOption.WRITE);
        Arena arena = Arena.ofShared()) {
      Memory region = map(channel, 0, Stage.REGION_BYTES, arena);
      Board board = new Board(map(channel, Stage.REGION_BYTES, Board.BYTES, arena), 0);
      OrderingProcess process = new OrderingProcess(play, role, stage(role, region), board);
      if (arguments.length > 3) {
        process.read(Long.parseLong(arguments[3]));
      } else {
        process.write();
      }
    }
  }

  private static Memory map(FileChannel channel, long offset, long bytes, Arena arena) throws IOException {
    return new SegmentMemory(channel.map(FileChannel.MapMode.READ_WRITE, offset, bytes, arena), arena);
  }

  private static Stage stage(Role role, Memory region) {
    return switch (role) {
      case WRITER, HASTY_WRITER -> new Stage(region, UnaryOperator.identity());
      case LATE_WRITER -> new Stage(new LateMemory(region, Stage.GEOMETRY), UnaryOperator.identity());
      case READER -> Stage.attach(region, StallingMemory::new);
      case BLIND_READER -> Stage.attach(region, memory -> new BlindMemory(memory, Stage.GEOMETRY));
    };
  }

  // ---- the writer

  private void write() {
    long count = 0;
    while (count < keys.length) {
      play.round(this, ++count);
    }
    System.out.println("ready");
    while (!board.isOver() && count < ROUNDS_MAX) {
      play.round(this, ++count);
    }
  }

  @Override
  public void put(int key, long count) {
    if (role == Role.HASTY_WRITER) {
      board.announceRelease(key, count, Board.THERE);
      stalls.stall();
    }
    long version = stage.put(keys[key], Counted.value(play, key, count));
    if (version <= 0) {
      throw new IllegalStateException("put of key=" + key + " count=" + count + " gave " + version);
    }
    board.announceRelease(key, count, Board.THERE);
    stalls.stall();
  }

  @Override
  public void remove(int key, long count) {
    board.announceRelease(key, count, Board.GOING);
    stage.remove(keys[key]);
    board.announceRelease(key, count, Board.GONE);
  }

  @Override
  public void grow() {
    stage.grow();
  }

  @Override
  public void shrink() {
    stage.shrink();
  }

  // ---- the reader

  /** Looks so often, and on until it has met the writer at work, and every other time through the eye. */
  private void read(long looksMin) {
    Sighting sighting = new Sighting(play, board);
    byte[] room = new byte[ROOM_BYTES];
    try {
      for (long look = 0; sighting.goesOn(look, looksMin); look++) {
        int key = (int) (look % keys.length);
        long before = board.announcedAcquire(key);
        int length =
            (look / keys.length & 1) == 0 ? stage.get(keys[key], room) : stage.getThroughEye(keys[key], room);
        sighting.saw(key, before, room, length);
      }
    } finally {
      board.end();
    }
    System.out.println(sighting);
  }
}
