/** Pages that show the raw results of benchmarks: a folder of files in, Markdown, HTML and pictures out. */
@NullMarked
package io.larder.jmh.report;

import org.jspecify.annotations.NullMarked;
