package io.larder;

/**
 * What a cache of another size would miss: a point of the miss-ratio curve, {@link CacheStats#missRatioCurve()}.
 *
 * @param memoryFactor how many times the memory of this cache
 * @param memoryBytes as much in bytes
 * @param missRatio the part of the reads that it would not find, 0 to 1
 */
public record MissRatio(double memoryFactor, long memoryBytes, double missRatio) {}
