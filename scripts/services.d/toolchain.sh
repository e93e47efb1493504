# shellcheck shell=bash
# The programs that scripts/services needs from the machine: a recent JDK, PostgreSQL's programs, small tools.

# Trino 476 refuses to start on anything older than JDK 24.0.1.
readonly oldest_java="24.0.1"

require_commands() {
  local command missing=()
  for command in "$@"; do
    command -v "$command" >/dev/null || missing+=("$command")
  done
  ((${#missing[@]} == 0)) || {
    say "services: missing on this machine: ${missing[*]}"
    return 1
  }
}

# version_at_least VERSION OLDEST
version_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# The JDK's own `release` file names its version; prints nothing for a folder that holds no JDK.
java_version_in() {
  [[ -x $1/bin/javac && -r $1/release ]] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9.]*\).*/\1/p' "$1/release"
}

# Prints the home of a JDK that is new enough: JAVA_HOME, or the newest below the usual folder.
java_home() {
  local home version best='' best_version=$oldest_java
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    version=$(java_version_in "$home")
    if [[ -z $version ]] || ! version_at_least "$version" "$best_version"; then continue; fi
    best=$home best_version=$version
    [[ $home != "${JAVA_HOME:-}" ]] || break
  done
  if [[ -z $best ]]; then
    say "services: no JDK $oldest_java or newer in JAVA_HOME or /usr/lib/jvm"
    return 1
  fi
  printf '%s' "$best"
}

# Prints the folder of PostgreSQL's programs, version 15 or newer: the one that was set, or the newest, where Debian's
# own folders come before what the PATH leads to.
postgres_bin() {
  local folder version best='' best_version=0
  for folder in "${WARREN_SERVICES_POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin "$(dirname "$(command -v pg_ctl || echo /none/pg_ctl)")"; do
    [[ -x $folder/initdb && -x $folder/pg_ctl && -x $folder/pg_isready && -x $folder/psql ]] || continue
    version=$("$folder/pg_ctl" --version | sed 's/^[^0-9]*\([0-9.]*\).*/\1/')
    version_at_least "$version" 15 || continue
    ! version_at_least "$best_version" "$version" || continue
    best=$folder best_version=$version
    [[ $folder != "${WARREN_SERVICES_POSTGRES_BIN:-}" ]] || break
  done
  if [[ -z $best ]]; then
    say "services: no PostgreSQL 15 or newer (server and client) in /usr/lib/postgresql or on the PATH"
    return 1
  fi
  printf '%s' "$best"
}
