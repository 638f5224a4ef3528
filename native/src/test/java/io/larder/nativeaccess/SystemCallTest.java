package io.larder.nativeaccess;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SystemCallTest {

  @ParameterizedTest
  @CsvSource({
    "LOCK, 12, mlock failed with ENOMEM, ulimit -l",
    "LOCK, 1, mlock failed with EPERM, CAP_IPC_LOCK",
    "LOCK, 11, mlock failed with EAGAIN, not enough",
    "COLLAPSE, 22, madvise(MADV_COLLAPSE) failed with EINVAL, Linux 6.1",
    "COLLAPSE, 12, madvise(MADV_COLLAPSE) failed with ENOMEM, /proc/sys/vm/compact_memory",
    "COLLAPSE, 16, madvise(MADV_COLLAPSE) failed with EBUSY, memory.max",
    "COLLAPSE, 11, madvise(MADV_COLLAPSE) failed with EAGAIN, later",
    "POPULATE_READ, 22, madvise(MADV_POPULATE_READ) failed with EINVAL, Linux 5.14",
    "POPULATE_READ, 14, madvise(MADV_POPULATE_READ) failed with EFAULT, cut short",
    "ADVISE_HUGE_PAGES, 22, madvise(MADV_HUGEPAGE) failed with EINVAL, without transparent huge pages",
    "UNLOCK, 12, munlock failed with ENOMEM, not mapped",
    "RESIDENCY, 1, mincore failed with EPERM, seccomp",
    "RESIDENCY, 77, mincore failed with errno 77, manual page",
  })
  void aRefusalNamesCallErrorAndRemedy(SystemCall call, int errno, String start, String remedy) {
    assertThat(call.refusal(errno)).startsWith(start + ": ").contains(remedy);
  }
}
