# Shell functions that find a JDK 25. To be sourced by scripts:
#
#   . "$root/tools/jdk25.sh"
#   find_jdk25 || exit 2          # sets jdk25, or tells what was looked for
#   exec "$jdk25/bin/java" …

# Is $1 the home of a JDK 25? Sure of it by the file "release" that every JDK carries.
is_jdk25() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while IFS= read -r jdk25_line; do
    case $jdk25_line in
      'JAVA_VERSION="25"' | 'JAVA_VERSION="25.'*) return 0 ;;
    esac
  done < "$1/release"
  return 1
}

# Sets jdk25 to the home of a JDK 25. Where there is none it says so on stderr and returns 1.
find_jdk25() {
  for jdk25 in \
    "${JAVA_HOME:-}" \
    /usr/lib/jvm/* \
    "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/* \
    "${HOME:-}"/.jdks/* \
    /opt/* /opt/*/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    is_jdk25 "$jdk25" && return 0
  done
  if command -v java > /dev/null 2>&1; then
    jdk25=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
    is_jdk25 "$jdk25" && return 0
  fi
  jdk25=
  cat >&2 << END
asyncio: no JDK 25 found. Looked at
  JAVA_HOME (${JAVA_HOME:-not set}), java on the PATH ($(command -v java || echo none)), /usr/lib/jvm,
  ~/.sdkman/candidates/java, ~/.jdks, /opt, /Library/Java/JavaVirtualMachines
Install one, or point JAVA_HOME at one:
  Debian, Ubuntu   apt install openjdk-25-jdk
  Fedora           dnf install java-25-openjdk-devel
  macOS            brew install openjdk@25
  SDKMAN!          sdk install java 25-tem
  anywhere         https://adoptium.net/temurin/releases/?version=25
END
  return 1
}
