package io.larder.jmh.report;

/** A picture. */
final class Figure {
  private final String name;
  private final String caption;
  private final byte[] png;

  /**
   * @param name of its file, without an ending
   * @param caption what it shows
   * @param png the picture
   */
  Figure(String name, String caption, byte[] png) {
    this.name = name;
    this.caption = caption;
    this.png = png;
  }

  String caption() {
    return caption;
  }

  /** The name of its file. */
  String file() {
    return name + ".png";
  }

  byte[] png() {
    return png;
  }
}
