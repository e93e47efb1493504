# shellcheck shell=bash
# The S3 store for scripts/services: MinIO, built from the Go module proxy, with one bucket.

readonly minio_version="v0.0.0-20260212201848-7aac2a2c5b7c"
readonly minio_bucket="warren-test"
readonly minio_region="us-east-1"

minio_stop_signal() { printf TERM; }
minio_ready_within_s() { printf 60; }
minio_address() { printf 'http://127.0.0.1:%s' "$(port_of minio)"; }

fetch_minio() {
  require_commands go || return 1
  # From / there is no go.mod and no go.work that could change the build.
  (cd / && GOBIN=$1 GOFLAGS='' go install "github.com/minio/minio@$minio_version") || return 1
  go version -m "$1/minio" | grep -q "mod[[:space:]]*github.com/minio/minio[[:space:]]*$minio_version"
}

minio_start() {
  local program
  program=$(cached "minio-$minio_version" fetch_minio)/minio || return 1
  mkdir -p "$state_dir/minio/data" "$state_dir/minio/certs"
  choose_port minio
  # In the environment, not in the arguments: those are for every user of the machine to read.
  MINIO_ROOT_USER=$minio_user MINIO_ROOT_PASSWORD=$minio_password MINIO_REGION_NAME=$minio_region \
    MINIO_BROWSER=off MINIO_UPDATE=off \
    start_detached minio "$state_dir/minio" \
    "$program" server --quiet --address "127.0.0.1:$(port_of minio)" --certs-dir "$state_dir/minio/certs" "$state_dir/minio/data"
}

minio_ready() { curl -fs -m 3 -o /dev/null "$(minio_address)/minio/health/ready"; }

# minio_request METHOD PATH: prints the HTTP status; the credentials go to curl on its standard input.
minio_request() {
  printf 'user = "%s:%s"\n' "$minio_user" "$minio_password" |
    curl -s -m 10 -o /dev/null -w '%{http_code}' --config - --aws-sigv4 "aws:amz:$minio_region:s3" \
      -X "$1" "$(minio_address)$2"
}

minio_prepare() {
  local status
  [[ $(minio_request GET "/$minio_bucket/") != 200 ]] || return 0
  status=$(minio_request PUT "/$minio_bucket/")
  [[ $status == 200 ]] || {
    say "minio answered $status when the bucket $minio_bucket was made"
    return 1
  }
}

minio_env() {
  export_line WARREN_TEST_RESULTS_URL "s3://$minio_bucket/results"
  export_line AWS_ENDPOINT "$(minio_address)"
  export_line AWS_ACCESS_KEY_ID "$minio_user"
  export_line AWS_SECRET_ACCESS_KEY "$minio_password"
  export_line AWS_REGION "$minio_region"
  export_line AWS_ALLOW_HTTP true
}
