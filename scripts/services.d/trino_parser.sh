# shellcheck shell=bash
# Trino's own parser, for what is compared with it. Needs downloads.sh and toolchain.sh, and $work_dir.

readonly trino_parser_version=476

# Maven finds the dependencies of a project only, so there is one for as long as it takes.
fetch_trino_parser() {
  local folder=$1 answer
  require_commands mvn || return 1
  cat >"$work_dir/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>warren</groupId>
  <artifactId>bench</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.trino</groupId>
      <artifactId>trino-parser</artifactId>
      <version>$trino_parser_version</version>
    </dependency>
  </dependencies>
</project>
POM
  answer=$(JAVA_HOME=$(java_home) mvn -q -B -Dstyle.color=never -f "$work_dir/pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime "-DoutputDirectory=$folder" 2>&1) || {
    say "$answer"
    return 1
  }
}

# Prints the folder of its archives.
trino_parser() { cached "trino-parser-$trino_parser_version" fetch_trino_parser; }
