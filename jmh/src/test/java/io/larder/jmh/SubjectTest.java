package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.jmh.Subject.Client;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SubjectTest {
  private static final int ENTRIES = 500;

  @ParameterizedTest
  @EnumSource
  void holdsEveryEntryAndReturnsTheLastValuePut(Implementation implementation) {
    try (Subject<?> subject = implementation.open(Shape.usual(ENTRIES))) {
      overwriteAndRead(subject);
    }
  }

  private static <K> void overwriteAndRead(Subject<K> subject) {
    Values values = new Values(100);
    Client<K> client = subject.newClient();
    for (int i = 0; i < ENTRIES; i++) {
      client.put(subject.newKey(i), values.of(i));
    }
    for (int i = 0; i < ENTRIES; i += 2) {
      client.put(subject.newKey(i), values.of(i + 1));
    }
    for (int i = 0; i < ENTRIES; i++) {
      assertThat(client.get(subject.newKey(i))).as("length of entry %d", i).isEqualTo(100);
      assertThat(client.buffer()).as("entry %d", i).isEqualTo(values.of(i % 2 == 0 ? i + 1 : i));
    }
    assertThat(client.get(subject.newKey(ENTRIES))).isEqualTo(Client.ABSENT);
  }

  @ParameterizedTest
  @EnumSource
  void keepsItsValueWhenTheCallerReusesTheArray(Implementation implementation) {
    try (Subject<?> subject = implementation.open(Shape.usual(ENTRIES))) {
      putAndSpoil(subject);
    }
  }

  private static <K> void putAndSpoil(Subject<K> subject) {
    byte[] value = new Values(100).of(0).clone();
    byte[] expected = value.clone();
    Client<K> client = subject.newClient();
    client.put(subject.newKey(1), value);
    Arrays.fill(value, (byte) 0);

    assertThat(client.get(subject.newKey(1))).isEqualTo(100);
    assertThat(client.buffer()).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void getsAllKeysOfABatch(Implementation implementation) {
    try (Subject<?> subject = implementation.open(Shape.usual(ENTRIES))) {
      assertThat(sumOfBatch(subject)).isEqualTo(64 * 100);
    }
  }

  private static <K> int sumOfBatch(Subject<K> subject) {
    Values values = new Values(100);
    Client<K> client = subject.newClient();
    Object[] keys = new Object[128];
    int[] numbers = new int[128];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = subject.newKey(i);
      numbers[i] = i;
      client.put(subject.newKey(i), values.of(i));
    }
    return client.getAll(keys, numbers, 64, 64);
  }
}
