#!/usr/bin/env bash
# The image's health check: exit status 0 when this container's Warren answers 200 at /readyz. In bash alone, so that the
# image needs no HTTP client.
set -euo pipefail

port=${WARREN_LISTEN:-127.0.0.1:8080}
exec 3<>"/dev/tcp/127.0.0.1/${port##*:}"
printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 4 _ status _ <&3
if [[ $status != 200 ]]; then
  printf 'GET /readyz answered %s\n' "$status" >&2
  exit 1
fi
