package io.larder.jmh.report;

/**
 * A system that is measured.
 *
 * @param name as it is called in tables
 * @param version the version that was on the class path
 * @param what which part of it is measured
 * @param configuration how it is configured, and why
 */
public record Peer(String name, String version, String what, String configuration) {}
