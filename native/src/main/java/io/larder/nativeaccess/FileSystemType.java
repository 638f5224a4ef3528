package io.larder.nativeaccess;

import io.larder.nativeaccess.NativeResult.Outcome;

/**
 * What the kernel says a file system is.
 *
 * @param outcome DONE when it has said so; REFUSED or UNAVAILABLE otherwise
 * @param magic its number, unsigned 32 bits; 0 when it was not told
 * @param name the usual name of the file systems with that number, {@code ext4}; empty when it was not told or is not
 *     known here. {@code fuse} stands for all that a process serves, whatever is behind it
 * @param detail why it was not told; empty otherwise
 */
public record FileSystemType(Outcome outcome, long magic, String name, String detail) {

  static FileSystemType of(long magic) {
    return new FileSystemType(Outcome.DONE, magic, FileSystemNames.of(magic), "");
  }

  static FileSystemType notTold(Outcome outcome, String reason) {
    return new FileSystemType(outcome, 0, "", reason);
  }
}
