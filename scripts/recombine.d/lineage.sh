# shellcheck shell=bash
# The lineage of statements that nobody wrote: a Trino of its own analyses them, a listener in it writes what its analyzer
# tells, and crates/sql is compared with that. Needs the files of services.d that scripts/recombine reads, and $work_dir.

readonly oracle_dir=$project_dir/../shared/lineage

recombine_lineage() {
  local seconds=$1 seed=$2 jdk parser server url
  [[ -r $oracle_dir/lineage.jsonl.gz ]] || {
    say "recombine: the lineage oracle, shared/lineage, is absent"
    return 1
  }
  jdk=$(java_home)
  parser=$(trino_parser)
  server=$(cached "trino-server-$trino_version" fetch_trino_server)
  (cd "$project_dir" && cargo build --locked --release -p warren-sql --example recombined_lineage >&2)
  mkdir "$work_dir/generator"
  "$jdk/bin/javac" -sourcepath "$recombine_dir" -cp "$parser/*" -d "$work_dir/generator" \
    "$recombine_dir/LineageRecombine.java"
  known_lineage_statements >"$work_dir/known"
  url=$(start_listening_trino "$jdk" "$server")
  "$jdk/bin/java" -Xmx2g -cp "$work_dir/generator:$parser/*" LineageRecombine \
    "$url" "$oracle_dir/schema.sql" "$work_dir/known" "$seed" "$seconds"
  # It writes what it knows of before it ends.
  stop_listening_trino
  (cd "$project_dir" && cargo run --quiet --locked --release -p warren-sql --example recombined_lineage) \
    <"$work_dir/lineage"
}

# Prints catalog and schema of the session and the statement in Base64, one a line.
known_lineage_statements() {
  python3 -c '
import base64, gzip, json, sys
for line in gzip.open(sys.argv[1], "rt", encoding="utf-8"):
    statement = json.loads(line)
    session = statement["session"]
    print(session["catalog"] + "." + session["schema"], base64.b64encode(statement["sql"].encode()).decode())' \
    "$oracle_dir/lineage.jsonl.gz"
}

# Prints the address of a Trino with the listener in it.
start_listening_trino() {
  local jdk=$1 server=$2 etc=$work_dir/etc port deadline=$((SECONDS + 180))
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  mkdir -p "$work_dir/listener/META-INF/services" "$work_dir/server/plugin/lineage"
  "$jdk/bin/javac" -nowarn -Xlint:none -sourcepath "$recombine_dir" -cp "$server/lib/*" -d "$work_dir/listener" \
    "$recombine_dir/listener/LineageListener.java" >&2
  printf 'LineageListener\n' >"$work_dir/listener/META-INF/services/io.trino.spi.Plugin"
  "$jdk/bin/jar" -cf "$work_dir/server/plugin/lineage/lineage.jar" -C "$work_dir/listener" .
  ln -s "$server"/plugin/{tpch,memory} "$work_dir/server/plugin/"
  trino_write_configuration "$etc" "$work_dir/server" "$port"
  printf 'event-listener.config-files=%s\nquery.max-history=20\nquery.min-expire-age=1s\n' "$etc/listener.properties" \
    >>"$etc/config.properties"
  printf 'event-listener.name=lineage\nfile=%s\n' "$work_dir/lineage" >"$etc/listener.properties"
  (
    cd "$work_dir"
    exec "$jdk/bin/java" "@$etc/jvm.config" "-Dconfig=$etc/config.properties" "-Dlog.levels-file=$etc/log.properties" \
      -cp "$server/lib/*" io.trino.server.TrinoServer >"$work_dir/trino.log" 2>&1
  ) &
  printf '%s' $! >"$work_dir/trino.pid"
  until curl -fs -m 3 "http://127.0.0.1:$port/v1/info" 2>/dev/null | grep -q '"starting":false'; do
    if ((SECONDS >= deadline)) || ! kill -0 "$(<"$work_dir/trino.pid")" 2>/dev/null; then
      tail -n 20 "$work_dir/trino.log" >&2
      say "recombine: Trino does not start"
      return 1
    fi
    sleep 1
  done
  printf 'http://127.0.0.1:%s' "$port"
}

# Also on the way out, whether it was started or not.
stop_listening_trino() {
  local pid
  [[ -e $work_dir/trino.pid ]] || return 0
  pid=$(<"$work_dir/trino.pid")
  rm "$work_dir/trino.pid"
  kill "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
}
