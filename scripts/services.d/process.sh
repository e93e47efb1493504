# shellcheck shell=bash
# Processes and ports of scripts/services: start detached, know one's own, wait with a bound, stop.
# Nothing here knows what a part is; a part is a name with a folder under $state_dir.

log_of() { printf '%s/%s/log' "$state_dir" "$1"; }

# The kernel's start time of a process, in clock ticks since boot. With the pid it names one process for good: a pid
# alone may belong to somebody else after a reboot or a wrap-around.
start_time_of() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # The second field is the program's name in parentheses and may hold anything; the rest follows the last one.
  read -r -a fields <<<"${stat##*) }"
  [[ ${fields[0]} != Z ]] || return 1
  printf '%s' "${fields[19]}"
}

remember_pid() {
  local part=$1 pid=$2 start_time
  start_time=$(start_time_of "$pid") || return 1
  printf '%s %s\n' "$pid" "$start_time" >"$state_dir/$part/pid"
}

# Prints the pid of a part when the very process that was started still lives.
pid_of() {
  local part=$1 pid start_time
  read -r pid start_time 2>/dev/null <"$state_dir/$part/pid" || return 1
  [[ $(start_time_of "$pid") == "$start_time" ]] || return 1
  printf '%s' "$pid"
}

# start_detached PART FOLDER COMMAND…: runs the command in the folder so that it outlives this shell and its terminal.
start_detached() {
  local part=$1 folder=$2 log
  shift 2
  log=$(log_of "$part")
  [[ ! -e $log ]] || mv -f "$log" "$log.previous"
  (
    cd "$folder" || exit 1
    # A background child of a script leads no process group, so setsid does not fork and $! is the service itself.
    setsid nohup "$@" >"$log" 2>&1 </dev/null 8>&- 9>&- &
    remember_pid "$part" $!
  )
}

# The part says how long it may take (PART_ready_within_s) and how to ask it (PART_ready).
wait_until_ready() {
  local part=$1 limit_s deadline
  limit_s=$("$part"_ready_within_s)
  deadline=$((SECONDS + limit_s))
  until "$part"_ready; do
    if ! pid_of "$part" >/dev/null; then
      say "$part ended while it was starting"
      show_log "$part"
      return 1
    fi
    if ((SECONDS >= deadline)); then
      say "$part does not answer after $limit_s s"
      show_log "$part"
      return 1
    fi
    sleep 0.3
  done
}

show_log() {
  local log
  log=$(log_of "$1")
  [[ -e $log ]] || return 0
  say "--- the end of $log"
  tail -n 30 "$log" >&2
  say "---"
}

# stop_part PART SIGNAL: asks, waits 20 s, then insists. Exit status 1 when there was nothing to stop.
stop_part() {
  local part=$1 signal=$2 pid deadline=$((SECONDS + 20))
  pid=$(pid_of "$part") || {
    rm -f "$state_dir/$part/pid"
    return 1
  }
  kill "-$signal" "$pid"
  while pid_of "$part" >/dev/null; do
    if ((SECONDS >= deadline)); then
      say "$part did not end within 20 s and is killed"
      kill -KILL "$pid" 2>/dev/null || true
      deadline=$((SECONDS + 20))
    fi
    sleep 0.2
  done
  rm -f "$state_dir/$part/pid"
}

# True when nobody listens on the loopback port.
port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A new free port below the range that the kernel hands out to clients, so that it stays free until it is used.
free_port() {
  local port
  while true; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    if port_is_free "$port"; then break; fi
  done
  printf '%s' "$port"
}

# A part keeps its port from start to start, as long as nobody else has taken it meanwhile.
choose_port() {
  local file=$state_dir/$1/port
  if [[ ! -s $file ]] || ! port_is_free "$(cat "$file")"; then free_port >"$file"; fi
}

port_of() { cat "$state_dir/$1/port"; }
