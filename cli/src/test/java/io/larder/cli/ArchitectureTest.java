package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks the rules between the modules, and that each of them sees what it forbids: the forbidden classes are written
 * by the class-file API, below the root package {@code broken}.
 */
final class ArchitectureTest {

  private static final ClassDesc SEGMENT = MemorySegment.class.describeConstable().orElseThrow();

  @TempDir private Path classes;

  @Test
  void arrowsPointDown() {
    new Architecture("io.larder").arrowsPointDown().check(larder());
  }

  @Test
  void embedPathIsUnrestricted() {
    new Architecture("io.larder").embedPathIsUnrestricted().check(larder());
  }

  @Test
  void allLayersAreLookedAt() {
    assertThat(larder())
        .extracting(JavaClass::getPackageName)
        .contains(
            "io.larder.nativeaccess",
            "io.larder.allocator",
            "io.larder.engine",
            "io.larder.mmap",
            "io.larder",
            "io.larder.cli");
  }

  @ParameterizedTest
  @CsvSource({
    "broken.nativeaccess, broken.allocator",
    "broken.allocator, broken.engine",
    "broken.engine.sub, broken",
    "broken.engine, broken.mmap",
    "broken.allocator, broken.mmap",
    "broken.mmap, broken",
    "broken, broken.cli",
    "broken.server, broken.cli",
    "broken.newcomer, broken.allocator",
  })
  void arrowThatTurnsIsFound(String user, String used) throws IOException {
    ClassDesc usedClass = ClassDesc.of(used, "Used");
    write(usedClass, "self", usedClass);
    write(ClassDesc.of(user, "User"), "field", usedClass);

    assertBroken(new Architecture("broken").arrowsPointDown(), user + ".User");
  }

  @ParameterizedTest
  @CsvSource({
    "broken.allocator, broken.nativeaccess",
    "broken.mmap, broken.engine",
    "broken.mmap, broken.allocator",
    "broken, broken.mmap",
    "broken.cli.sub, broken",
    "broken.engine, broken.engine.sub"
  })
  void arrowDownIsAllowed(String user, String used) throws IOException {
    ClassDesc usedClass = ClassDesc.of(used, "Used");
    write(usedClass, "self", usedClass);
    write(ClassDesc.of(user, "User"), "field", usedClass);

    new Architecture("broken").arrowsPointDown().check(written());
  }

  @ParameterizedTest
  @ValueSource(strings = {"sun.misc.Unsafe", "jdk.internal.misc.Unsafe", "java.lang.foreign.Linker"})
  void restrictedClassOnTheEmbedPathIsFound(String restricted) throws IOException {
    for (String layer : List.of("broken.allocator", "broken.engine", "broken.mmap", "broken")) {
      write(ClassDesc.of(layer, "User"), "field", ClassDesc.of(restricted));

      assertBroken(new Architecture("broken").embedPathIsUnrestricted(), layer + ".User");
      Files.delete(classes.resolve(layer + ".User.class"));
    }
  }

  @Test
  void reinterpretInTheAllocatorIsFound() throws IOException {
    ClassDesc user = ClassDesc.of("broken.allocator.User");
    byte[] bytes =
        ClassFile.of()
            .build(
                user,
                type ->
                    type.withMethodBody(
                        "everything",
                        MethodTypeDesc.of(SEGMENT, SEGMENT),
                        ClassFile.ACC_STATIC,
                        code ->
                            code.aload(0)
                                .loadConstant(Long.MAX_VALUE)
                                .invokeinterface(
                                    SEGMENT, "reinterpret", MethodTypeDesc.of(SEGMENT, ConstantDescs.CD_long))
                                .areturn()));
    Files.write(classes.resolve("User.class"), bytes);

    assertBroken(new Architecture("broken").embedPathIsUnrestricted(), "reinterpret");
  }

  private void assertBroken(ArchRule rule, String culprit) {
    JavaClasses written = written();
    assertThatThrownBy(() -> rule.check(written)).isInstanceOf(AssertionError.class).hasMessageContaining(culprit);
  }

  private void write(ClassDesc type, String fieldName, ClassDesc fieldType) throws IOException {
    byte[] bytes = ClassFile.of().build(type, builder -> builder.withField(fieldName, fieldType, 0));
    Files.write(classes.resolve(type.packageName() + "." + type.displayName() + ".class"), bytes);
  }

  private JavaClasses written() {
    return new ClassFileImporter().importPath(classes);
  }

  private static JavaClasses larder() {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages("io.larder");
  }
}
