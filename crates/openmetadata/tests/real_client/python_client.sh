#!/usr/bin/env bash
# Prints a folder with OpenMetadata's own Python client, for PYTHONPATH. It is fetched once into the cache of
# scripts/services. This version is the last with an open-source licence: wheels from 1.6 have another one.
set -euo pipefail

project_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)
cache_dir=${WARREN_SERVICES_DIR:-$project_dir/.services/cache}
readonly client=openmetadata-ingestion version=1.5.15.2

say() { printf '%s\n' "$*" >&2; }

# shellcheck source=../../../../scripts/services.d/downloads.sh
source "$project_dir/scripts/services.d/downloads.sh"

fetch_client() { python3 -m pip install --quiet --no-compile --target "$1" "$client==$version"; }

cached "$client-$version" fetch_client
