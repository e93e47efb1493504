# shellcheck shell=bash
# PostgreSQL for scripts/services: a cluster of its own, with passwords, on TCP only.

postgres_stop_signal() { printf INT; } # "fast shutdown" in PostgreSQL's words
postgres_ready_within_s() { printf 60; }
postgres_address() { printf 'postgres://127.0.0.1:%s' "$(port_of postgres)"; }

# PostgreSQL refuses to run as root, so root runs it as the user that Debian's package makes.
as_postgres() {
  if ((EUID == 0)); then
    # Not every folder of root's is open to that user, and a program complains about a folder that it cannot enter.
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

# The data folder is where the database's user can reach it: in the state folder, or else below /var/tmp.
postgres_data_dir() {
  local place=$state_dir/postgres/data_dir
  if [[ ! -s $place ]]; then
    if as_postgres test -x "$state_dir/postgres"; then
      printf '%s/postgres/data' "$state_dir" >"$place"
    else
      mktemp -u -d /var/tmp/warren-postgres.XXXXXX >"$place"
    fi
  fi
  cat "$place"
}

# Builds the cluster beside its final place; a cluster under the final name is whole.
postgres_init() {
  local data=$1 bin=$2 password_file
  rm -rf "$data.unfinished"
  mkdir "$data.unfinished"
  password_file=$data.unfinished.password
  (umask 077 && printf '%s' "$postgres_password" >"$password_file")
  if ((EUID == 0)); then chown postgres: "$data.unfinished" "$password_file"; fi
  as_postgres "$bin/initdb" --pgdata="$data.unfinished" --username=warren --pwfile="$password_file" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >"$state_dir/postgres/initdb.log" 2>&1 || {
    tail -n 20 "$state_dir/postgres/initdb.log" >&2
    rm -rf "$password_file"
    return 1
  }
  rm -f "$password_file"
  mv "$data.unfinished" "$data"
}

# A lock file survives a killed machine, and its pid may belong to anybody by now: PostgreSQL would then not start.
# The owner is real only when its working folder is this data folder.
postgres_forget_stale_lock() {
  local data=$1 pid
  pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) || return 0
  if [[ $(readlink "/proc/$pid/cwd") != "$data" ]]; then rm -f "$data/postmaster.pid"; fi
}

postgres_start() {
  local bin data options
  bin=$(postgres_bin) || return 1
  data=$(postgres_data_dir)
  [[ -d $data ]] || postgres_init "$data" "$bin" || return 1
  postgres_forget_stale_lock "$data"
  choose_port postgres
  options="-c listen_addresses=127.0.0.1 -c port=$(port_of postgres) -c unix_socket_directories='' -c max_connections=300"
  # pg_ctl detaches the server itself. The log is opened here, because the database's user may not reach its folder.
  as_postgres "$bin/pg_ctl" start -w -t 60 -D "$data" -o "$options" >>"$(log_of postgres)" 2>&1 </dev/null 8>&- 9>&- || {
    show_log postgres
    return 1
  }
  remember_pid postgres "$(head -n 1 "$data/postmaster.pid")"
}

postgres_ready() { "$(postgres_bin)/pg_isready" -q -t 3 -h 127.0.0.1 -p "$(port_of postgres)"; }

postgres_sql() {
  PGPASSWORD=$postgres_password "$(postgres_bin)/psql" -X -q -A -t -v ON_ERROR_STOP=1 \
    -h 127.0.0.1 -p "$(port_of postgres)" -U warren -d "$1" -c "$2"
}

postgres_prepare() {
  if [[ $(postgres_sql postgres "select 1 from pg_database where datname = 'warren'") != 1 ]]; then
    postgres_sql postgres "create database warren"
  fi
}

postgres_env() {
  export_line WARREN_TEST_DATABASE_URL "postgres://warren:$postgres_password@127.0.0.1:$(port_of postgres)/warren"
}
