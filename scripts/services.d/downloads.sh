# shellcheck shell=bash
# Downloads of scripts/services. A thing is in the cache under its final name only when it is whole: it is fetched into
# a folder beside it and renamed, so that an interrupted run leaves nothing that a later one would trust.

# cached NAME FETCH…: prints the path of the cached folder NAME; when it is not there, FETCH… gets an empty folder as its
# last argument and fills it.
cached() {
  local name=$1 target=$cache_dir/$1 unfinished
  shift
  if [[ ! -d $target ]]; then
    mkdir -p "$cache_dir"
    (
      # Two checkouts may share one cache. The lock is on the name, because one thing may be made of others.
      exec 8>"$cache_dir/.lock-$name"
      flock 8
      [[ ! -d $target ]] || exit 0
      rm -rf "$cache_dir/.unfinished-$name".*
      unfinished=$(mktemp -d "$cache_dir/.unfinished-$name.XXXXXX")
      # The database runs as a user of its own and everybody may read what is cached.
      chmod 755 "$unfinished"
      say "fetching $name"
      if ! "$@" "$unfinished" >&2; then
        rm -rf "$unfinished"
        exit 1
      fi
      mv "$unfinished" "$target"
    ) || return 1
  fi
  printf '%s' "$target"
}

# fetch_artifact GROUP:NAME:VERSION[:TYPE[:CLASSIFIER]] FOLDER: Maven checks the checksum. On a recent JDK it prints
# warnings about itself, so what it says is shown only when it fails.
fetch_artifact() {
  local answer
  require_commands mvn || return 1
  answer=$(JAVA_HOME=$(java_home) mvn -q -B -Dstyle.color=never dependency:copy "-Dartifact=$1" "-DoutputDirectory=$2" 2>&1) || {
    say "$answer"
    return 1
  }
}

# An artifact is a folder with one file in it; prints the file's path.
cached_artifact() {
  local coordinates=$1 folder
  folder=$(cached "${coordinates//:/-}" fetch_artifact "$coordinates") || return 1
  printf '%s' "$folder"/*
}
