package io.larder.jmh.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The raw results of one run of a benchmark.
 *
 * @param file where they are
 * @param json what is in it
 */
record Result(Path file, JsonNode json) {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  /**
   * @throws IOException when the file cannot be read, or is no JSON
   */
  static Result read(Path file) throws IOException {
    try {
      return new Result(file, MAPPER.readTree(file));
    } catch (JacksonException wrong) {
      throw new IOException(file + ": not the raw results of a benchmark: " + wrong.getOriginalMessage(), wrong);
    }
  }

  String bench() {
    return text("bench");
  }

  boolean isQuick() {
    return json.path("quick").asBoolean(false);
  }

  String commit() {
    return json.at("/provenance/commit").asString("unknown");
  }

  /** When it was made, to the minute, UTC. */
  String time() {
    String instant = json.at("/provenance/time").asString("");
    int seconds = instant.lastIndexOf(':');
    return seconds < 0 ? "unknown" : instant.substring(0, seconds).replace('T', ' ');
  }

  String machine() {
    JsonNode machine = json.at("/provenance/machine");
    return "%s, %s processors, memory %s, %s, transparent huge pages %s"
        .formatted(
            machine.path("cpu").asString(""),
            machine.path("processors").asString(""),
            machine.path("memory").asString(""),
            machine.path("system").asString(""),
            machine.path("transparentHugePages").asString(""));
  }

  String jvm() {
    return json.at("/provenance/jvm").asString("unknown");
  }

  /** The command that makes such a file; older ones do not say it in full. */
  String command() {
    return json.path("command")
        .asString("./larder bench " + bench() + (isQuick() ? " --quick" : "") + " (other options were not recorded)");
  }

  List<String> tables() {
    return strings("text");
  }

  List<String> failures() {
    return strings("failures");
  }

  /** The lines of its goals. */
  List<String> goals() {
    return children(json.path("goals")).stream().map(goal -> goal.path("line").asString("")).toList();
  }

  JsonNode at(String name) {
    return json.path(name);
  }

  private String text(String name) {
    return json.path(name).asString("");
  }

  private List<String> strings(String name) {
    return children(json.path(name)).stream().map(JsonNode::asString).toList();
  }

  static List<JsonNode> children(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }
}
