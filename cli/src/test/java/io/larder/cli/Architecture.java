package io.larder.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.List;

/**
 * The rules that hold between Larder's modules, for the packages below a root.
 *
 * <p>The root is a parameter so that the rules can be tried on code which breaks them.
 */
final class Architecture {

  /**
   * The layers from the lowest to the highest, named by the package right below the root; {@code ""} is the root
   * itself. A class may use the layers before its own; those written in one row must not use each other.
   */
  private static final List<List<String>> LAYERS =
      List.of(
          List.of("nativeaccess"),
          List.of("allocator"),
          List.of("engine"),
          List.of("mmap"),
          List.of(""),
          List.of("jcache", "server", "cli", "chronicle"));

  private final String root;

  Architecture(String root) {
    this.root = root;
  }

  /** A class depends on its own layer and on lower ones. */
  ArchRule arrowsPointDown() {
    return classes()
        .that(describe("are below " + root, this::isOurs))
        .should(dependOnLowerLayersOnly())
        .because("native <- allocator <- engine <- mmap <- " + root + " <- {jcache, server, cli, chronicle}");
  }

  /** The default path neither uses Unsafe nor calls a method that needs {@code --enable-native-access}. */
  ArchRule embedPathIsUnrestricted() {
    return noClasses()
        .that()
        .resideInAnyPackage(root + ".allocator..", root + ".engine..", root + ".mmap..", root)
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("sun.misc.Unsafe")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("jdk.internal..")
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Linker.class, SymbolLookup.class)
        .orShould()
        .callMethodWhere(
            describe(
                "MemorySegment.reinterpret",
                call ->
                    call.getName().equals("reinterpret")
                        && call.getTargetOwner().isAssignableTo(MemorySegment.class)))
        .because("users embed it without any JVM flag");
  }

  private ArchCondition<JavaClass> dependOnLowerLayersOnly() {
    return new ArchCondition<>("depend on lower layers only") {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        String layer = layer(user);
        if (rank(layer) < 0) {
          events.add(SimpleConditionEvent.violated(user, user.getName() + " is in no known layer"));
          return;
        }
        for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
          JavaClass used = dependency.getTargetClass().getBaseComponentType();
          boolean allowed = !isOurs(used) || layer(used).equals(layer) || rank(layer(used)) < rank(layer);
          events.add(new SimpleConditionEvent(dependency, allowed, dependency.getDescription()));
        }
      }
    };
  }

  private boolean isOurs(JavaClass type) {
    return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
  }

  private String layer(JavaClass type) {
    String name = type.getPackageName();
    if (name.equals(root)) {
      return "";
    }
    int start = root.length() + 1;
    int end = name.indexOf('.', start);
    return name.substring(start, end < 0 ? name.length() : end);
  }

  private static int rank(String layer) {
    for (int rank = 0; rank < LAYERS.size(); rank++) {
      if (LAYERS.get(rank).contains(layer)) {
        return rank;
      }
    }
    return -1;
  }
}
