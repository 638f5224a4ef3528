package io.larder;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@link Cache#asMap()}: what maps can do, in terms of what the cache can. */
final class MapView<K, V> extends AbstractMap<K, V> implements ConcurrentMap<K, V> {
  private final Cache<K, V> cache;

  MapView(Cache<K, V> cache) {
    this.cache = cache;
  }

  // Maps are asked for keys of any type: a wrong one ends in the codec's ClassCastException, as Map allows.
  @SuppressWarnings("unchecked")
  private K key(Object key) {
    return (K) key;
  }

  @SuppressWarnings("unchecked")
  private V value(Object value) {
    return (V) value;
  }

  @Override
  public @Nullable V get(Object key) {
    return cache.get(key(key));
  }

  @Override
  public @Nullable V getOrDefault(Object key, @Nullable V other) {
    V value = get(key);
    return value != null ? value : other;
  }

  @Override
  public boolean containsKey(Object key) {
    return cache.containsKey(key(key));
  }

  @Override
  public int size() {
    return (int) Math.min(cache.estimatedSize(), Integer.MAX_VALUE);
  }

  @Override
  public boolean isEmpty() {
    return cache.estimatedSize() == 0;
  }

  @Override
  public @Nullable V put(K key, V value) {
    Arguments.notNull(value, "value");
    Previous<V> previous = new Previous<>();
    cache.compute(key, (same, present) -> previous.was(present, value));
    return previous.value;
  }

  @Override
  public @Nullable V remove(Object key) {
    Previous<V> previous = new Previous<>();
    cache.computeIfPresent(key(key), (same, present) -> previous.was(present, null));
    return previous.value;
  }

  @Override
  public @Nullable V replace(K key, V value) {
    Arguments.notNull(value, "value");
    Previous<V> previous = new Previous<>();
    cache.computeIfPresent(key, (same, present) -> previous.was(present, value));
    return previous.value;
  }

  /** What a function saw the last time that it ran. */
  private static final class Previous<V> {
    @Nullable V value;

    @Nullable V was(@Nullable V present, @Nullable V next) {
      value = present;
      return next;
    }
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    while (true) {
      if (cache.putIfAbsent(key, value)) {
        return null;
      }
      V present = cache.get(key);
      if (present != null) {
        return present;
      }
    }
  }

  @Override
  public boolean remove(Object key, @Nullable Object value) {
    return value != null && cache.remove(key(key), value(value));
  }

  @Override
  public boolean replace(K key, V expected, V value) {
    return cache.replace(key, expected, value);
  }

  @Override
  public @Nullable V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> function) {
    Arguments.notNull(function, "function");
    return cache.get(key, function::apply);
  }

  @Override
  public @Nullable V computeIfPresent(K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function) {
    return cache.computeIfPresent(key, function);
  }

  @Override
  public @Nullable V compute(K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
    return cache.compute(key, function);
  }

  @Override
  public @Nullable V merge(K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
    return cache.merge(key, value, function);
  }

  @Override
  public void clear() {
    cache.clear();
  }

  @Override
  public Set<K> keySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<K> iterator() {
        return new Mapped<>(cache.iterator(), CacheEntry::key);
      }

      @Override
      public int size() {
        return MapView.this.size();
      }

      @Override
      public boolean contains(Object key) {
        return containsKey(key);
      }

      @Override
      public boolean remove(Object key) {
        return cache.remove(key(key));
      }

      @Override
      public void clear() {
        cache.clear();
      }
    };
  }

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Map.Entry<K, V>> iterator() {
        return new Mapped<>(cache.iterator(), WriteThrough::new);
      }

      @Override
      public int size() {
        return MapView.this.size();
      }

      @Override
      public boolean remove(Object entry) {
        return entry instanceof Map.Entry<?, ?> some
            && some.getKey() != null
            && MapView.this.remove(some.getKey(), some.getValue());
      }

      @Override
      public void clear() {
        cache.clear();
      }
    };
  }

  /** An entry of the map; setting its value puts. */
  private final class WriteThrough extends SimpleEntry<K, V> {
    private static final long serialVersionUID = 1L;

    WriteThrough(CacheEntry<K, V> entry) {
      super(entry.key(), entry.value());
    }

    @Override
    public V setValue(V value) {
      cache.put(getKey(), value);
      return super.setValue(value);
    }
  }

  private record Mapped<A, B>(Iterator<A> from, Function<? super A, ? extends B> function) implements Iterator<B> {
    @Override
    public boolean hasNext() {
      return from.hasNext();
    }

    @Override
    public B next() {
      return function.apply(from.next());
    }

    @Override
    public void remove() {
      from.remove();
    }
  }
}
