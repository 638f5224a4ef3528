package io.larder.cli;

/**
 * One operation of a worker on one key, as its log has it.
 *
 * @param kind what it did
 * @param key the key's number
 * @param writer worker and start, see {@link TortureValue#writer}; {@link #SUPERVISOR} for the supervisor itself
 * @param begin when it began, by {@link System#nanoTime}, which all processes of a host have in common
 * @param end when it had ended; {@link #NEVER} when its worker was killed before
 * @param id the value that it wrote or wanted to write; 0 for none
 * @param expected the version that a conditional write asked for, 0 for none; of {@link Kind#PUT_TTL} the time to live
 *     in milliseconds
 * @param outcome what the cache returned: a version, {@link #FOUND} for a read without version, or a negative outcome
 * @param found the value that it read; 0 for none
 * @param torn whether what it read was no whole value of this key
 */
record TortureOperation(
    Kind kind,
    int key,
    int writer,
    long begin,
    long end,
    long id,
    long expected,
    long outcome,
    long found,
    boolean torn) {
  static final int SUPERVISOR = -1;
  static final long NEVER = Long.MAX_VALUE;
  static final long FOUND = 0;
  static final long ABSENT = -1;
  static final long REJECTED = -4;

  /** What operations there are. */
  enum Kind {
    /** Reads value and version. */
    READ(1),
    /** Reads the value alone. */
    GET(2),
    PUT(3),
    PUT_TTL(4),
    PUT_IF_ABSENT(5),
    REPLACE_IF_VERSION(6),
    REMOVE(7),
    REMOVE_IF_VERSION(8),
    /** What the supervisor found when the round before had ended. */
    THERE(9),
    /** As {@link #THERE}, an entry that expires. */
    THERE_TTL(10);

    private static final Kind[] ALL = values();

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    /** What stands for it in a log. */
    int number() {
      return number;
    }

    static Kind of(int number) {
      for (Kind kind : ALL) {
        if (kind.number == number) {
          return kind;
        }
      }
      throw new IllegalArgumentException("kind=" + number);
    }

    boolean isRead() {
      return this == READ || this == GET;
    }

    boolean isRemoval() {
      return this == REMOVE || this == REMOVE_IF_VERSION;
    }

    boolean isWrite() {
      return this == PUT || this == PUT_TTL || this == PUT_IF_ABSENT || this == REPLACE_IF_VERSION;
    }

    boolean isThere() {
      return this == THERE || this == THERE_TTL;
    }

    boolean expires() {
      return this == PUT_TTL || this == THERE_TTL;
    }
  }

  /** The version that a conditional write asked for; 0 for none. */
  long expectedVersion() {
    return kind == Kind.PUT_TTL ? 0 : expected;
  }

  /** How long its value may live, in milliseconds; 0 when it lives on, or when that is not known. */
  long ttlMillis() {
    return kind == Kind.PUT_TTL ? expected : 0;
  }

  /** The operation as it was before it ended. */
  TortureOperation unacknowledged() {
    return new TortureOperation(kind, key, writer, begin, NEVER, id, expected, FOUND, 0, false);
  }

  boolean isPending() {
    return end == NEVER;
  }

  /** Whether it was acknowledged that it had stored its value. */
  boolean hasWritten() {
    return kind.isWrite() && !isPending() && outcome > 0;
  }

  /** Whether it was acknowledged that it had removed an entry. */
  boolean hasRemoved() {
    return kind.isRemoval() && !isPending() && outcome > 0;
  }

  /** Whether there was no such key at a moment between its begin and its end. */
  boolean sawNothing() {
    return !isPending() && !torn && (outcome == ABSENT || (kind == Kind.PUT_IF_ABSENT && outcome > 0));
  }

  /** Whether it read a whole value. */
  boolean sawValue() {
    return kind.isRead() && !isPending() && !torn && found != 0;
  }

  private String expectation() {
    return kind == Kind.PUT_TTL ? " for " + expected + " ms" : " over v" + expected;
  }

  @Override
  public String toString() {
    String who = writer == SUPERVISOR ? "supervisor" : TortureValue.writerName(writer);
    String what = switch (kind) {
      case READ, GET, THERE, THERE_TTL -> found == 0 ? "" : " " + TortureValue.idName(found);
      default -> (id == 0 ? "" : " " + TortureValue.idName(id)) + (expected == 0 ? "" : expectation());
    };
    String result;
    if (isPending()) {
      result = "not acknowledged";
    } else if (torn) {
      result = "TORN";
    } else if (outcome > 0) {
      result = "v" + outcome;
    } else {
      result = outcome == FOUND ? "found" : outcome == ABSENT ? "absent" : "outcome " + outcome;
    }
    String until = isPending() ? "" : ".." + end;
    return "%s key=%d %s%s -> %s [%d%s]".formatted(who, key, kind, what, result, begin, until);
  }
}
