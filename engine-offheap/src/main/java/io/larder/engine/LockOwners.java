package io.larder.engine;

/**
 * Who may hold the locks of a region: this process, and others when the region is shared with them.
 *
 * <p>Any thread may call any method.
 */
public interface LockOwners {
  /** For a region that no other process sees: its locks die with it. */
  LockOwners PRIVATE =
      new LockOwners() {
        @Override
        public long token() {
          return 1;
        }

        @Override
        public boolean isDead(long token) {
          return false;
        }
      };

  /** The token of nobody. */
  long NO_TOKEN = 0;

  /** For who reads a region that others own, and takes none of its locks. */
  LockOwners READER =
      new LockOwners() {
        @Override
        public long token() {
          return NO_TOKEN;
        }

        @Override
        public boolean isDead(long token) {
          return false;
        }
      };

  /**
   * What this process writes into the locks that it takes: 1 to 2^32 - 1, and no other process's ever; {@link
   * #NO_TOKEN} if it takes none.
   */
  long token();

  /**
   * Whether the process with this token is gone for good, so that what it held may be taken over. Asked by those who
   * have waited for a while; may make system calls. A token that nobody ever had is that of a dead one.
   */
  boolean isDead(long token);
}
