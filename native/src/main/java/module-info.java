/** Optional operating-system calls, through JNR-FFI when it is present. */
module io.larder.nativeaccess {
  requires static org.jspecify;
  requires static org.jnrproject.ffi;
}
