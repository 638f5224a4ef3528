package io.larder.jmh;

import io.larder.CacheStats;
import io.larder.engine.EntryLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/** Larder's own account of its bytes, by the names that the memory benchmark reads. */
final class LarderLedger {
  static final String USED = "usedBytes";
  static final String INDEX = "indexBytes";
  static final String METADATA = "metadataBytes";
  static final String HEADERS = "headerBytes";
  static final String PAYLOAD = "payloadBytes";
  static final String ENTRIES = "entries";
  static final String EVICTIONS = "evictions";

  private LarderLedger() {}

  static Map<String, Long> of(CacheStats stats) {
    Map<String, Long> ledger = new LinkedHashMap<>();
    ledger.put("memoryBytes", stats.memoryBytes());
    ledger.put(USED, stats.usedBytes());
    ledger.put(INDEX, stats.indexBytes());
    ledger.put(METADATA, stats.metadataBytes());
    ledger.put(HEADERS, stats.entries() * EntryLayout.HEADER_BYTES);
    ledger.put(PAYLOAD, stats.payloadBytes());
    ledger.put(ENTRIES, stats.entries());
    ledger.put(EVICTIONS, stats.evictions());
    return ledger;
  }
}
