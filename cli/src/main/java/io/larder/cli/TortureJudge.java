package io.larder.cli;

import java.io.IOException;
import java.util.List;

/** Says what is wrong with what workers did by one plan. */
interface TortureJudge {
  TorturePlan plan();

  /** The repairs of all files. */
  TortureRepairs repairs();

  /** Judges what the workers did in a round, and what they have left. */
  void judge(List<TortureHistory> histories) throws IOException;
}
