package io.larder.cli;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The classes and resources of the running JDK, numbered from 0: tens of thousands of real objects with real sizes,
 * read from its {@code jrt:/} image. Immutable; any thread.
 */
final class JdkImage {
  private static final URI IMAGE = URI.create("jrt:/");

  private final List<Path> paths;
  private final int[] sizes;
  private final int[] checksums;
  private final long totalBytes;

  private JdkImage(List<Path> paths, int[] sizes, int[] checksums) {
    long sum = 0;
    for (int size : sizes) {
      sum += size;
    }
    this.paths = paths;
    this.sizes = sizes;
    this.checksums = checksums;
    this.totalBytes = sum;
  }

  /** Lists the image and reads every object once, for its checksum. */
  static JdkImage open() throws IOException {
    List<Path> paths = new ArrayList<>();
    Files.walkFileTree(
        Path.of(IMAGE),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            paths.add(file);
            return FileVisitResult.CONTINUE;
          }
        });
    int[] sizes = new int[paths.size()];
    int[] checksums = new int[paths.size()];
    for (int i = 0; i < paths.size(); i++) {
      byte[] content = Files.readAllBytes(paths.get(i));
      sizes[i] = content.length;
      checksums[i] = checksum(content, content.length);
    }
    return new JdkImage(List.copyOf(paths), sizes, checksums);
  }

  /** Writes down what {@link #open} has found out, so that other processes need not read every object again. */
  void save(Path index) throws IOException {
    try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(index)))) {
      out.writeInt(sizes.length);
      for (int i = 0; i < sizes.length; i++) {
        out.writeUTF(name(i));
        out.writeInt(sizes[i]);
        out.writeInt(checksums[i]);
      }
    }
  }

  /** The same image, from what another process on the same JDK has written down. */
  static JdkImage open(Path index) throws IOException {
    FileSystem files = FileSystems.getFileSystem(IMAGE);
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(index)))) {
      int count = in.readInt();
      List<Path> paths = new ArrayList<>(count);
      int[] sizes = new int[count];
      int[] checksums = new int[count];
      for (int i = 0; i < count; i++) {
        paths.add(files.getPath(in.readUTF()));
        sizes[i] = in.readInt();
        checksums[i] = in.readInt();
      }
      return new JdkImage(List.copyOf(paths), sizes, checksums);
    }
  }

  int count() {
    return sizes.length;
  }

  /** The bytes of all objects, names left out. */
  long totalBytes() {
    return totalBytes;
  }

  /** The bytes of the largest object. */
  int largestBytes() {
    int largest = 0;
    for (int size : sizes) {
      largest = Math.max(largest, size);
    }
    return largest;
  }

  /** The name, such as {@code /java.base/java/lang/Object.class}: a new string. */
  String name(int number) {
    return paths.get(number).toString();
  }

  int size(int number) {
    return sizes[number];
  }

  /** Reads an object from the image. */
  byte[] load(int number) {
    try {
      return Files.readAllBytes(paths.get(number));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether these bytes are the object's: length and checksum. */
  boolean matches(int number, byte[] content, int length) {
    return length == sizes[number] && checksum(content, length) == checksums[number];
  }

  private static int checksum(byte[] content, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(content, 0, length);
    return (int) checksum.getValue();
  }
}
