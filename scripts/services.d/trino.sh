# shellcheck shell=bash
# Trino for scripts/services: one node, coordinator and worker in one, with the catalogs `tpch` and `memory`.

readonly trino_version=476

trino_stop_signal() { printf TERM; }
trino_ready_within_s() { printf 180; }
trino_address() { printf 'http://127.0.0.1:%s' "$(port_of trino)"; }

# Puts server and plugins together as the full distribution has them: one folder a plugin below plugin/.
fetch_trino_server() {
  local folder=$1 jdk archive plugin
  jdk=$(java_home) || return 1
  archive=$(cached_artifact "io.trino:trino-server-core:$trino_version:tar.gz") || return 1
  tar -xzf "$archive" -C "$folder" --strip-components=1 || return 1
  for plugin in tpch memory; do
    archive=$(cached_artifact "io.trino:trino-$plugin:$trino_version:zip") || return 1
    (cd "$folder/plugin" && "$jdk/bin/jar" -xf "$archive" && mv "trino-$plugin-$trino_version" "$plugin") || return 1
  done
  # These three take start-up time and nothing here uses them.
  rm -rf "$folder"/plugin/{geospatial,functions-python,exchange-filesystem}
}

trino_cli_jar() { cached_artifact "io.trino:trino-cli:$trino_version:jar:executable"; }
trino_jdbc_jar() { cached_artifact "io.trino:trino-jdbc:$trino_version:jar"; }
trino_cli_launcher() { printf '%s/bin/trino' "$state_dir"; }

trino_write_configuration() {
  local etc=$1 server=$2 port=$3
  mkdir -p "$etc/catalog"
  # 3 GiB leave room for a build beside it; per-node memory plus headroom must stay below the heap.
  cat >"$etc/jvm.config" <<'JVM'
-server
-Xms512M
-Xmx3G
-XX:+UseG1GC
-XX:+ExitOnOutOfMemoryError
-XX:ReservedCodeCacheSize=256M
-XX:PerMethodRecompilationCutoff=10000
-XX:PerBytecodeRecompilationCutoff=10000
-Djdk.attach.allowAttachSelf=true
-Djdk.nio.maxCachedBufferSize=2000000
-Dfile.encoding=UTF-8
-XX:+EnableDynamicAgentLoading
--add-modules=jdk.incubator.vector
--sun-misc-unsafe-memory-access=allow
JVM
  cat >"$etc/config.properties" <<CONFIG
node.environment=test
node.id=warren-test-1
node.bind-ip=127.0.0.1
node.internal-address=127.0.0.1
plugin.dir=$server/plugin
catalog.config-dir=$etc/catalog
coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port=$port
discovery.uri=http://127.0.0.1:$port
http-server.process-forwarded=true
http-server.log.enabled=false
query.max-memory=1GB
query.max-memory-per-node=1GB
memory.heap-headroom-per-node=600MB
task.concurrency=2
task.max-worker-threads=4
exchange.client-threads=4
experimental.concurrent-startup=true
query.client.timeout=5m
CONFIG
  printf 'io.trino=WARN\nio.trino.server.Server=INFO\n' >"$etc/log.properties"
  printf 'connector.name=tpch\ntpch.splits-per-node=2\n' >"$etc/catalog/tpch.properties"
  printf 'connector.name=memory\nmemory.max-data-per-node=256MB\n' >"$etc/catalog/memory.properties"
}

trino_start() {
  local jdk server etc=$state_dir/trino/etc
  jdk=$(java_home) || return 1
  server=$(cached "trino-server-$trino_version" fetch_trino_server) || return 1
  trino_cli_jar >/dev/null || return 1
  trino_jdbc_jar >/dev/null || return 1
  choose_port trino
  trino_write_configuration "$etc" "$server" "$(port_of trino)"
  start_detached trino "$state_dir/trino" \
    "$jdk/bin/java" "@$etc/jvm.config" "-Dconfig=$etc/config.properties" "-Dlog.levels-file=$etc/log.properties" \
    -cp "$server/lib/*" io.trino.server.TrinoServer
}

trino_ready() { curl -fs -m 3 "$(trino_address)/v1/info" 2>/dev/null | grep -q '"starting":false'; }

# A server that has started may still wait for its own announcement as a worker, so the last word is a query.
trino_prepare() {
  local deadline=$((SECONDS + 60)) complaint=$state_dir/trino/first_query.log
  trino_write_cli_launcher || return 1
  until [[ $(trino_first_query 2>"$complaint") == '"25"' ]]; do
    if ((SECONDS >= deadline)); then
      say "trino does not run a query:"
      cat "$complaint" >&2
      show_log trino
      return 1
    fi
    sleep 1
  done
}

trino_first_query() {
  "$(trino_cli_launcher)" --server "$(trino_address)" --execute 'select count(*) from tpch.tiny.nation'
}

trino_write_cli_launcher() {
  local launcher jdk jar
  launcher=$(trino_cli_launcher)
  jdk=$(java_home) && jar=$(trino_cli_jar) || return 1
  mkdir -p "$(dirname "$launcher")"
  # The two options keep the terminal library's warnings about Java and about pipes out of the answers' way.
  printf '#!/bin/sh\nexec %q -Xmx512M --enable-native-access=ALL-UNNAMED -Dorg.jline.terminal.dumb=true -jar %q "$@"\n' "$jdk/bin/java" "$jar" >"$launcher.new"
  chmod 755 "$launcher.new"
  mv "$launcher.new" "$launcher"
}

trino_env() {
  export_line WARREN_TEST_TRINO_URL "$(trino_address)"
  export_line WARREN_TEST_TRINO_CLI "$(trino_cli_launcher)"
  export_line WARREN_TEST_TRINO_JDBC "$(trino_jdbc_jar)"
  export_line WARREN_TEST_JAVA_HOME "$(java_home)"
}
