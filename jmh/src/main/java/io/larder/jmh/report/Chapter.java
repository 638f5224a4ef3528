package io.larder.jmh.report;

/**
 * What a page says of a benchmark, whether or not there are results of it.
 *
 * @param bench its name
 * @param about what it measures, in a line
 */
public record Chapter(String bench, String about) {}
