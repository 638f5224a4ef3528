package io.larder.nativeaccess;

import java.util.Set;

/** The choice between the calls of the operating system and their twin; the package documentation has its reasons. */
final class NativeAccessChoice {
  /** The class that a caller of JNR-FFI starts from. */
  private static final String JNR_CLASS = "jnr.ffi.LibraryLoader";

  /** The class that calls {@link System#load}, in whose module native access must therefore be enabled. */
  private static final String JNI_LOADING_CLASS = "com.kenai.jffi.internal.StubLoader";

  /** Values of {@code os.arch} for which {@link LinuxNativeAccess} has the kernel's numbers. */
  private static final Set<String> MACHINES = Set.of("amd64", "aarch64");

  private static final String CLASS_PATH_FLAG = "--enable-native-access=ALL-UNNAMED";
  private static final String MODULE_PATH_FLAGS =
      "--add-modules ALL-MODULE-PATH --enable-native-access=org.jnrproject.jffi";

  /** Holds the choice for the life of the JVM; made when it is first asked for. */
  static final class Cached {
    static final NativeAccess INSTANCE = choose(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));

    private Cached() {}
  }

  private NativeAccessChoice() {}

  static NativeAccess choose(String osName, String osArch) {
    if (!osName.equals("Linux") || !MACHINES.contains(osArch)) {
      return new NoNativeAccess(
          "the calls are those of Linux on x86-64 and aarch64, and this is os.name=" + osName + " os.arch=" + osArch);
    }
    Module home = NativeAccess.class.getModule();
    Module jnr;
    Module jni;
    try {
      Class<?> jnrClass = Class.forName(JNR_CLASS, false, NativeAccess.class.getClassLoader());
      jnr = jnrClass.getModule();
      jni = Class.forName(JNI_LOADING_CLASS, false, jnrClass.getClassLoader()).getModule();
    } catch (ClassNotFoundException | LinkageError absent) {
      return new NoNativeAccess(absentReason(home));
    }
    if (!jni.isNativeAccessEnabled()) {
      String flag = jni.isNamed() ? "--enable-native-access=" + jni.getName() : CLASS_PATH_FLAG;
      return new NoNativeAccess("native access is not enabled; to enable it start the JVM with " + flag);
    }
    try {
      // Larder may be on the module path and JNR-FFI on the class path, which no module descriptor can express.
      home.addReads(jnr);
      return JnrLibc.open();
    } catch (LinkageError | RuntimeException failure) {
      return new NoNativeAccess(
          "JNR-FFI could not be loaded (it unpacks a library into java.io.tmpdir="
              + System.getProperty("java.io.tmpdir")
              + ", which must not be mounted noexec): "
              + firstLine(failure));
    }
  }

  private static String absentReason(Module home) {
    String library = "the optional library JNR-FFI (com.github.jnr:jnr-ffi)";
    return home.isNamed()
        ? library + " is not there; start the JVM with " + MODULE_PATH_FLAGS + " when it is on the module path, with "
            + CLASS_PATH_FLAG + " when it is on the class path"
        : library + " is not on the class path; add it and start the JVM with " + CLASS_PATH_FLAG;
  }

  /** JNR-FFI puts whole stack traces into messages; a log line has room for one line of them. */
  private static String firstLine(Throwable failure) {
    return failure.toString().lines().findFirst().orElse("");
  }
}
