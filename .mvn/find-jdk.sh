# Finds a JDK 25 or newer. Sourced by mvnw and larder, POSIX sh.
#
# larder_find_jdk sets LARDER_JDK to its home and returns 0, or returns 1. The places, in this order:
#   1. $JAVA25_HOME, then $JAVA_HOME
#   2. the JDKs in the folders $LARDER_JVM_DIRS (separated by ":"), by default the usual ones below; of several, the
#      lowest version that is new enough, because that is the one Larder is tested with
#   3. the java on the PATH
# A home that is too old or holds no compiler is passed over.

LARDER_JDK_MIN=25

# Prints the feature version of the JDK at home $1 ("25"), or nothing when there is no JDK.
larder_jdk_version() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
  larder_v=
  if [ -r "$1/release" ]; then
    larder_v=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
  fi
  if [ -z "$larder_v" ]; then
    larder_v=$("$1/bin/javac" -version 2>&1 </dev/null | sed -n 's/^javac \([0-9]*\).*/\1/p')
  fi
  printf '%s' "$larder_v"
}

# Is the JDK at home $1 new enough? Leaves its version in larder_version.
larder_jdk_fits() {
  [ -n "$1" ] || return 1
  larder_version=$(larder_jdk_version "$1")
  [ -n "$larder_version" ] && [ "$larder_version" -ge "$LARDER_JDK_MIN" ]
}

# Prints the home of the java on the PATH, if it is one.
larder_jdk_on_path() {
  larder_bin=$(command -v java 2>/dev/null) || return 0
  # Follow the links (/usr/bin/java -> /etc/alternatives/java -> ...) without readlink -f, which is not everywhere.
  larder_hops=0
  while [ -L "$larder_bin" ] && [ "$larder_hops" -lt 20 ]; do
    larder_to=$(ls -l "$larder_bin" | sed 's/^.* -> //')
    case $larder_to in
      /*) larder_bin=$larder_to ;;
      *) larder_bin=$(dirname "$larder_bin")/$larder_to ;;
    esac
    larder_hops=$((larder_hops + 1))
  done
  larder_bin=$(CDPATH= cd -P "$(dirname "$larder_bin")/.." 2>/dev/null && pwd) || return 0
  printf '%s' "$larder_bin"
}

larder_find_jdk() {
  LARDER_JDK=
  for larder_home in "${JAVA25_HOME:-}" "${JAVA_HOME:-}"; do
    if larder_jdk_fits "$larder_home"; then
      LARDER_JDK=$larder_home
      return 0
    fi
  done

  larder_dirs=${LARDER_JVM_DIRS:-/usr/lib/jvm:/usr/java:/opt/java:/opt/jdk:/Library/Java/JavaVirtualMachines}
  if [ -z "${LARDER_JVM_DIRS:-}" ] && [ -n "${HOME:-}" ]; then
    larder_dirs=$larder_dirs:$HOME/.sdkman/candidates/java:$HOME/.jdks:$HOME/.asdf/installs/java
  fi
  larder_best=
  larder_ifs=$IFS
  IFS=:
  for larder_dir in $larder_dirs; do
    IFS=$larder_ifs
    for larder_home in "$larder_dir" "$larder_dir"/* "$larder_dir"/*/Contents/Home; do
      if larder_jdk_fits "$larder_home"; then
        if [ -z "$larder_best" ] || [ "$larder_version" -lt "$larder_best" ]; then
          larder_best=$larder_version
          LARDER_JDK=$larder_home
        fi
      fi
    done
  done
  IFS=$larder_ifs
  [ -z "$LARDER_JDK" ] || return 0

  larder_home=$(larder_jdk_on_path)
  if larder_jdk_fits "$larder_home"; then
    LARDER_JDK=$larder_home
    return 0
  fi
  return 1
}

# Says on standard error that no JDK was found, for the command $1, and how to get one.
larder_say_no_jdk() {
  cat >&2 <<MESSAGE
$1: Larder needs a JDK $LARDER_JDK_MIN or newer, and none was found.
  looked at: \$JAVA25_HOME (${JAVA25_HOME:-not set}), \$JAVA_HOME (${JAVA_HOME:-not set}),
             the JDKs in ${larder_dirs:-the usual folders},
             the java on the PATH ($(command -v java 2>/dev/null || echo none))
  how to get one: download a JDK $LARDER_JDK_MIN build, for instance Eclipse Temurin $LARDER_JDK_MIN, and unpack it under /usr/lib/jvm,
             or anywhere and set JAVA25_HOME to its folder. Package managers that have one:
             "sdk install java" (SDKMAN), "brew install openjdk@$LARDER_JDK_MIN" (macOS). Debian 12 has none above 17.
  elsewhere: LARDER_JVM_DIRS=/folder:/other names other folders to search for JDKs.
The java of the system may stay what it is: only Larder uses the newer one.
MESSAGE
}
