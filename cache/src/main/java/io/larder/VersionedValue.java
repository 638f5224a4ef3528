package io.larder;

/**
 * A value and the version of the entry that held it.
 *
 * @param value the value
 * @param version 1 or more; no two writes to a key have the same one
 */
public record VersionedValue<V>(V value, long version) {}
