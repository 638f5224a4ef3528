package io.larder.jmh.report;

import java.util.List;

/**
 * What a page shows of one benchmark.
 *
 * @param title the benchmark's name
 * @param about what it measures
 * @param origin when, on which commit and machine, and by which command; empty when there is no result
 * @param figures the pictures
 * @param tables the tables, line by line, as they were printed
 * @param goals the lines of the goals
 * @param failures what could not be run
 */
record Section(
    String title,
    String about,
    List<String> origin,
    List<Figure> figures,
    List<String> tables,
    List<String> goals,
    List<String> failures) {}
