package io.larder.mmap;

import io.larder.allocator.Memory;
import io.larder.allocator.SegmentMemory;
import io.larder.nativeaccess.NativeAccess;
import java.io.IOException;
import java.nio.file.Path;

/** What the machine says about itself; tests say something else. */
interface Host {
  /** The machine that this JVM runs on. */
  Host THIS =
      new Host() {
        @Override
        public BootId bootId() {
          return BootId.current();
        }

        @Override
        public Volume volume(Path existing) throws IOException {
          return Volume.of(existing, this::nativeAccess);
        }

        @Override
        public NativeAccess nativeAccess() {
          return NativeAccess.available();
        }

        @Override
        public Memory memory(SegmentMemory mapped) {
          return mapped;
        }
      };

  /** Which run of the kernel this is. */
  BootId bootId();

  /** The file system of an existing file or directory. */
  Volume volume(Path existing) throws IOException;

  /** The calls of the system that may be made. */
  NativeAccess nativeAccess();

  /** How this process sees what it has mapped. */
  Memory memory(SegmentMemory mapped);
}
