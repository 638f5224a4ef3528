package io.larder.nativeaccess.child;

import io.larder.nativeaccess.NativeAccess;
import java.lang.foreign.Arena;

/** A program of its own JVM: what it prints on standard error is what a user of Larder would see there. */
public final class Probe {
  private Probe() {}

  /** Prints whether native access is available, and with the argument {@code ask} asks it for something, twice. */
  public static void main(String[] args) {
    NativeAccess access = NativeAccess.available();
    System.out.println("available=" + access.isAvailable());
    if (args.length > 0 && args[0].equals("ask")) {
      try (Arena arena = Arena.ofShared()) {
        var segment = arena.allocate(1 << 20, 4096);
        System.out.println("unlock=" + access.unlock(segment).outcome());
        System.out.println("resident=" + access.residentBytes(segment));
      }
    }
  }
}
