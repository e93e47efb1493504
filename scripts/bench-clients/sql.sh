# shellcheck shell=bash
# The benchmark `sql` of scripts/bench: builds what is measured, fetches the peers and the queries, runs the client. It
# needs no server. A peer that cannot be had is left out of the table.

readonly sqlglot_version=30.30.0
cache_dir=${WARREN_SERVICES_DIR:-$project_dir/.services/cache}

# shellcheck source=../services.d/downloads.sh
source "$project_dir/scripts/services.d/downloads.sh"
# shellcheck source=../services.d/toolchain.sh
source "$project_dir/scripts/services.d/toolchain.sh"
# shellcheck source=../services.d/trino_parser.sh
source "$project_dir/scripts/services.d/trino_parser.sh"

# The program that measures, an example of crates/sql.
build_sql_bench() {
  (cd "$project_dir" && cargo build --locked --release -p warren-sql --example bench >&2)
  binary=$(cd "$project_dir" && cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/examples/bench
}

fetch_sqlglot() { python3 -m pip install --quiet --no-compile --target "$1" "sqlglot==$sqlglot_version"; }

# Sets `sqlglot_folder`, `java_program` and `java_classpath`; empty is what cannot be had.
fetch_peers() {
  local jdk='' parser=''
  sqlglot_folder=$(cached "sqlglot-$sqlglot_version" fetch_sqlglot) || say "skipped: sqlglot cannot be had"
  java_program='' java_classpath=''
  if jdk=$(java_home) && parser=$(trino_parser); then
    mkdir "$work_dir/classes"
    "$jdk/bin/javac" -cp "$parser/*" -d "$work_dir/classes" "$clients/TrinoParse.java"
    java_program=$jdk/bin/java java_classpath="$work_dir/classes:$parser/*"
  else
    say "skipped: Trino's parser cannot be had"
  fi
}

# Sets `queries` to a folder with the texts of TPC-H and TPC-DS, empty where they are not there: they are no part of the
# project. WARREN_BENCH_QUERIES names another archive with files like queries/tpch_q01.sql.
unpack_queries() {
  local archive=${WARREN_BENCH_QUERIES:-$project_dir/../shared/lineage/tpc-queries.tar.gz}
  queries=''
  if [[ -r $archive ]]; then
    tar -xzf "$archive" -C "$work_dir"
    queries=$work_dir/queries
  else
    say "skipped: TPC-H and TPC-DS: there is no $(basename "$archive")"
  fi
}

bench_sql() {
  [[ -n $binary ]] || build_sql_bench
  fetch_peers
  unpack_queries
  run_client --bench "$binary" --queries "$queries" --sqlglot "$sqlglot_folder" --java "$java_program" \
    --classpath "$java_classpath" --work-dir "$work_dir" "${client_options[@]}"
}
