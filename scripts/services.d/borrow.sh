# shellcheck shell=bash
# For scripts that need the real parts for as long as they run: bring up what is missing, stop exactly that at the end.
# The caller sets $services to the path of scripts/services.

# `status` answers 1 when a part is down, which is no failure here.
running_parts() { { "$services" status || true; } | awk '$2 != "down" { print $1 }'; }

# Brings the parts up and exports the variables of those that are. Exit status 1 when one of them is missing.
borrow_services() {
  local exports code=0
  parts_before=" $(running_parts | tr '\n' ' ')"
  "$services" up || code=1
  exports=$("$services" env || true)
  eval "$exports"
  return "$code"
}

# Stops what borrow_services has started, unless WARREN_KEEP_SERVICES=1.
return_services() {
  local part started=()
  if [[ ${WARREN_KEEP_SERVICES:-} == 1 || -z ${parts_before+set} ]]; then return 0; fi
  while read -r part; do
    [[ $parts_before == *" $part "* ]] || started+=("$part")
  done < <(running_parts)
  if ((${#started[@]} > 0)); then "$services" down "${started[@]}"; fi
}
