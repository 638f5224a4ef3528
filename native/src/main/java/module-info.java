/**
 * Optional operating-system calls, through JNR-FFI when it is present.
 *
 * <p>The package is exported without qualification because the class that JNR-FFI generates lives in an unnamed module
 * and must reach the interface it implements.
 */
module io.larder.nativeaccess {
  requires static org.jspecify;
  requires static org.jnrproject.ffi;

  exports io.larder.nativeaccess;
}
