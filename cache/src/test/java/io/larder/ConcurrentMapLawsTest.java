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
import java.util.function.UnaryOperator;
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
  private static final int LIVE_OBJECTS = 16;

  private final List<Cache<String, String>> open = new ArrayList<>();

  private final class Maps extends TestStringMapGenerator {
    private final UnaryOperator<CacheBuilder<String, String>> option;

    Maps(UnaryOperator<CacheBuilder<String, String>> option) {
      this.option = option;
    }

    @Override
    protected Map<String, String> create(Map.Entry<String, String>[] entries) {
      CacheBuilder<String, String> builder = Larder.builder(Codec.utf8(), new PaddedCodec()).memory("1MiB");
      Cache<String, String> cache = option.apply(builder).build();
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
    return laws("asMap", builder -> builder);
  }

  @TestFactory
  Stream<DynamicNode> lawsWithLiveObjects() {
    return laws("asMap with live objects", builder -> builder.liveObjects(LIVE_OBJECTS));
  }

  @TestFactory
  Stream<DynamicNode> lawsWithCompressedValues() {
    return laws("asMap with compressed values", builder -> builder.compress(Compression.lz4().inMemory()));
  }

  private Stream<DynamicNode> laws(String name, UnaryOperator<CacheBuilder<String, String>> option) {
    TestSuite suite =
        ConcurrentMapTestSuiteBuilder.using(new Maps(option))
            .named(name)
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
