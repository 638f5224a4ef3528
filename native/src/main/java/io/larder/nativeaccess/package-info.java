/**
 * Calls into the operating system that accelerate or harden a region: huge pages, locked memory, residency, the space
 * of a file.
 *
 * <p><b>What it is.</b> {@link io.larder.nativeaccess.NativeAccess} takes the address range of a {@link
 * java.lang.foreign.MemorySegment} that somebody else allocated or mapped, or a file that somebody else made, and asks
 * the kernel something about it. Each answer is a {@link io.larder.nativeaccess.NativeResult}: what was done, to how
 * many bytes, and if it was refused, why and what an operator can do about it. A refusal is never an exception, since
 * nothing here is needed for a cache to be correct.
 *
 * <p><b>What it is not.</b> It allocates, maps and frees no memory, it reads and writes no byte of a segment, and it
 * keeps no state besides the choice between its two implementations. It knows nothing of regions.
 *
 * <p><b>Two implementations.</b> One calls the C library through JNR-FFI; its twin refuses everything. {@link
 * io.larder.nativeaccess.NativeAccess#available()} chooses once for the life of the JVM. The first needs all of these,
 * looked at in this order, so that nothing is loaded in vain:
 *
 * <ol>
 *   <li>Linux on x86-64 or aarch64, because the advice and error numbers are those of that kernel on these machines;
 *   <li>the JNR-FFI classes: an optional dependency, {@code com.github.jnr:jnr-ffi};
 *   <li>native access for the module which those classes are in, asked by {@link
 *       java.lang.Module#isNativeAccessEnabled()}. JNI libraries are loaded by the class {@code
 *       com.kenai.jffi.internal.StubLoader}, so it is the module of that class which counts: the unnamed module on the
 *       class path, enabled by {@code --enable-native-access=ALL-UNNAMED}; {@code org.jnrproject.jffi} on the module
 *       path, enabled by {@code --enable-native-access=org.jnrproject.jffi}. There {@code --add-modules
 *       ALL-MODULE-PATH} is needed too, since nothing else resolves optional automatic modules;
 *   <li>a library that loads. JNR-FFI unpacks it into a file under {@code java.io.tmpdir}, which fails where that file
 *       system is mounted {@code noexec}.
 * </ol>
 *
 * <p><b>Why ask before loading.</b> Without native access the JVM prints a warning on standard error when a JNI library
 * is loaded, and under {@code --illegal-native-access=deny} it throws. The default path of Larder must need no flag and
 * print nothing; so the library is not touched unless the flag was given, and the only trace of its absence is one line
 * in the log, written when somebody first asks for something that needs it. {@code isNativeAccessEnabled()} stays
 * {@code false} under {@code --illegal-native-access=allow}; the twin is chosen there as well.
 *
 * <p><b>Threads.</b> All of it may be called from any thread, also from virtual threads, which are pinned for the
 * length of the call. A call runs in native state and holds up no safepoint, however long it takes. Nothing is locked.
 *
 * <p><b>Lifetimes.</b> JNR-FFI sees an address, not a segment, so the caller keeps the segment's arena open until the
 * call has returned. If it fails to, the call reaches whatever the kernel has mapped there by then: none of these calls
 * changes the content of memory, so that costs a wrong answer, never data. Giving back the space of a file does change
 * its content: which file a path has led to is therefore looked at behind the open descriptor.
 */
@NullMarked
package io.larder.nativeaccess;

import org.jspecify.annotations.NullMarked;
