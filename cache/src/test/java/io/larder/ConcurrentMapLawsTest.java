package io.larder;

import com.google.common.collect.testing.ConcurrentMapTestSuiteBuilder;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.MapFeature;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import junit.framework.Test;
import junit.framework.TestCase;
import junit.framework.TestSuite;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * {@link Cache#asMap()} obeys the laws of a {@link java.util.concurrent.ConcurrentMap}, as Guava's suite writes
 * them down.
 */
final class ConcurrentMapLawsTest {
  private final List<Cache<String, String>> open = new ArrayList<>();

  private final class Maps extends TestStringMapGenerator {
    @Override
    protected Map<String, String> create(Map.Entry<String, String>[] entries) {
      Cache<String, String> cache = Larder.builder(Codec.utf8(), Codec.utf8()).memory("1MiB").build();
      open.add(cache);
      Map<String, String> map = cache.asMap();
      for (Map.Entry<String, String> entry : entries) {
        map.put(entry.getKey(), entry.getValue());
      }
      return map;
    }
  }

  @TestFactory
  Stream<DynamicNode> laws() {
    TestSuite suite =
        ConcurrentMapTestSuiteBuilder.using(new Maps())
            .named("asMap")
            .withFeatures(
                MapFeature.GENERAL_PURPOSE, CollectionSize.ANY, CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
            .createTestSuite();
    return Stream.of(node(suite));
  }

  private DynamicNode node(Test test) {
    if (test instanceof TestSuite suite) {
      return DynamicContainer.dynamicContainer(
          String.valueOf(suite.getName()), Collections.list(suite.tests()).stream().map(this::node));
    }
    TestCase one = (TestCase) test;
    return DynamicTest.dynamicTest(
        one.getName(),
        () -> {
          try {
            one.runBare();
          } finally {
            open.forEach(Cache::close);
            open.clear();
          }
        });
  }
}
