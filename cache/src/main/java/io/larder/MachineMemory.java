package io.larder;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How much memory there is at all: of the container, if the process is in one with a limit, and of the machine
 * otherwise.
 */
final class MachineMemory {
  private MachineMemory() {}

  /** In bytes; {@link Long#MAX_VALUE} when it cannot be told. */
  static long bytes() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }
}
