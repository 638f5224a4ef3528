package io.larder.engine;

import io.larder.allocator.Memory;
import java.util.ArrayList;
import java.util.List;

/** The views of one thread: one for each read that runs inside another. */
final class ViewStack {
  private final Memory memory;
  private final List<ValueView> views = new ArrayList<>(1);
  private int depth;

  ViewStack(Memory memory) {
    this.memory = memory;
  }

  ValueView push() {
    if (depth == views.size()) {
      views.add(new ValueView(memory));
    }
    return views.get(depth++);
  }

  void pop() {
    views.get(--depth).close();
  }
}
