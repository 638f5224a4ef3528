package io.larder.cli;

import io.larder.engine.RegionReport;
import io.larder.engine.RegionReport.ClassReport;
import io.larder.engine.RegionReport.Expiry;
import io.larder.engine.RegionReport.Ledger;
import io.larder.engine.RegionReport.PartitionReport;
import io.larder.mmap.AttachmentReport;
import io.larder.mmap.FileReport;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The report of {@code inspect} for people. */
final class InspectText {
  private static final double PERCENT = 100;
  private static final double NANOS_PER_MILLI = 1e6;

  private final FileReport file;
  private final List<AttachmentReport> attachments;
  private final RegionReport content;
  private final List<String> lines = new ArrayList<>();

  InspectText(FileReport file, List<AttachmentReport> attachments, RegionReport content) {
    this.file = file;
    this.attachments = attachments;
    this.content = content;
  }

  List<String> lines() {
    addFile();
    addAttachments();
    addPartitions();
    addClasses();
    addBytes();
    addExpiries();
    return lines;
  }

  private static String time(long millis) {
    return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private void addFile() {
    lines.add(file.file().toString());
    long size = file.regionBytes() - content.bytes().slabsWithoutSpace();
    lines.add(
        "  size          %,d bytes (%s), limit %,d, %d partitions, slabs of %,d bytes"
            .formatted(
                size,
                ByteSize.format((double) size),
                file.regionBytes(),
                file.partitions(),
                file.slabBytes()));
    lines.add(
        "  format        version %d, fingerprint %016x"
            .formatted(
                file.formatVersion(),
                file.layoutFingerprint()));
    lines.add(
        "  features      compatible %x, read-only %x, incompatible %x; checksums %s; %s"
            .formatted(
                file.compatibleFeatures(),
                file.readOnlyFeatures(),
                file.incompatibleFeatures(),
                file.checksums() ? "yes" : "no",
                file.tier() ? "the tier of one cache" : "shared"));
    lines.add("  created       %s".formatted(time(file.createdMillis())));
    lines.add("  boot id       %s".formatted(file.bootId()));
    lines.add("  closed        %s".formatted(file.clean() ? "yes, by all" : "no, it is in use or was left"));
  }

  private void addAttachments() {
    lines.add("");
    lines.add("Attachments: %d".formatted(attachments.size()));
    if (!attachments.isEmpty()) {
      lines.add("  slot   epoch  settled  process     since (its own namespace's number)");
    }
    for (AttachmentReport one : attachments) {
      lines.add(
          "  %4d  %6d  %7d  %-10s  %s  pid %d"
              .formatted(
                  one.slot(),
                  one.epoch(),
                  one.settledEpoch(),
                  one.life().name().toLowerCase(Locale.ROOT),
                  time(one.startedMillis()),
                  one.pid()));
    }
  }

  private void addPartitions() {
    lines.add("");
    lines.add("Partitions: %d".formatted(content.partitions().size()));
    lines.add("  number     entries  leases      payload  slabs  index  repairs  each   state");
    for (PartitionReport one : content.partitions()) {
      double each = one.repairs() == 0 ? 0 : one.repairNanos() / NANOS_PER_MILLI / one.repairs();
      lines.add(
          "  %6d %,11d %7d %12s %6d %6d %8d %5.1f ms %s"
              .formatted(
                  one.partition(),
                  one.entries(),
                  one.leases(),
                  ByteSize.format((double) one.payloadBytes()),
                  one.slabs(),
                  one.tables(),
                  one.repairs(),
                  each,
                  state(one)));
    }
  }

  private String state(PartitionReport one) {
    String locked = one.lockToken() == 0 ? "" : "locked by " + owner(one.lockToken());
    String resizing = one.resizedPercent() < 0 ? "" : "resizing, " + one.resizedPercent() + " % moved";
    return locked + (locked.isEmpty() || resizing.isEmpty() ? "" : "; ") + resizing;
  }

  private String owner(long token) {
    return attachments.stream()
        .filter(one -> one.token() == token)
        .map(one -> "slot " + one.slot() + ", " + one.life().name().toLowerCase(Locale.ROOT))
        .findFirst()
        .orElse("a former attachment, token " + token);
  }

  private void addClasses() {
    lines.add("");
    lines.add("Slabs by size of block");
    lines.add("    block   slabs        blocks          live    free");
    for (ClassReport one : content.classes()) {
      lines.add(
          "  %,7d %7d %,13d %,13d %5.1f %%"
              .formatted(
                  one.blockBytes(),
                  one.slabs(),
                  one.blocks(),
                  one.live(),
                  PERCENT * one.freeShare()));
    }
  }

  private void addBytes() {
    Ledger bytes = content.bytes();
    lines.add("");
    lines.add("Bytes");
    addBytes("superblock", bytes.superblock());
    addBytes("partition records", bytes.partitionRecords());
    addBytes("slab descriptors", bytes.descriptors());
    addBytes("directories", bytes.directories());
    addBytes("padding", bytes.padding());
    addBytes("index tables", bytes.tables());
    addBytes("blocks, live", bytes.blocksLive());
    addBytes("blocks, spare", bytes.blocksSpare());
    addBytes("blocks, quarantined", bytes.blocksQuarantined());
    addBytes("blocks, free", bytes.blocksFree());
    addBytes("ends of slabs", bytes.slabEnds());
    addBytes("free slabs", bytes.slabsFree());
    addBytes("slabs without space", bytes.slabsWithoutSpace());
    addBytes("tail", bytes.tail());
    addBytes("all", bytes.sum());
  }

  private void addBytes(String what, long bytes) {
    lines.add("  %-20s %,20d  %5.1f %%".formatted(what, bytes, PERCENT * bytes / file.regionBytes()));
  }

  private void addExpiries() {
    lines.add("");
    lines.add("Entries by expiry");
    String from = "";
    for (Expiry one : content.expiries()) {
      boolean isTime = Character.isDigit(one.within().charAt(0));
      lines.add(
          "  %-20s %,20d"
              .formatted(
                  isTime ? "in " + from + "to " + one.within() : one.within(),
                  one.entries()));
      from = isTime ? one.within() + " " : from;
    }
  }
}
