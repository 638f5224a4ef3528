package io.larder.mmap;

import io.larder.allocator.Memory;
import io.larder.allocator.SegmentMemory;
import io.larder.nativeaccess.NativeAccess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** A machine that says what a test wants it to say, and the truth otherwise. */
final class TestHost implements Host {
  BootId bootId = BootId.current();
  String type = "ext4";
  boolean readOnly;
  UnaryOperator<Memory> sight = UnaryOperator.identity();
  NativeAccess system = NativeAccess.available();

  static TestHost booted(long number) {
    TestHost host = new TestHost();
    host.bootId = new BootId(number, number);
    return host;
  }

  @Override
  public BootId bootId() {
    return bootId;
  }

  @Override
  public Volume volume(Path existing) throws IOException {
    return new Volume(type, readOnly, Volume.of(existing, () -> system).usableBytes());
  }

  @Override
  public NativeAccess nativeAccess() {
    return system;
  }

  @Override
  public Memory memory(SegmentMemory mapped) {
    return sight.apply(mapped);
  }
}
