# Sourced by test.sh: a throwaway PostgreSQL cluster in a folder of its own, reached by a socket in that folder only.
# No port is opened, and no other server on the machine is touched.

# Print the folder of the newest installed PostgreSQL's programs, or fail.
postgres_programs() {
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] || found=$(command -v initdb 2>/dev/null) || return 1
  dirname "$found"
}

# Run a command as the user who may run PostgreSQL, which root may not.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# Start the cluster; afterwards POSTGRES_URL names it.
start_postgres() {
  local programs=$1
  # Directly in /tmp: a socket's path has at most 107 characters, and user postgres must reach it.
  postgres_folder=$(mktemp -d /tmp/kim-postgres.XXXXXX)
  [ "$(id -u)" = 0 ] && chown postgres "$postgres_folder"
  trap stop_postgres EXIT
  (
    cd "$postgres_folder"
    as_postgres "$programs/initdb" --pgdata="$postgres_folder/data" --username=kim --auth=trust \
      --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$postgres_folder.log" 2>&1 &&
    as_postgres "$programs/pg_ctl" --pgdata="$postgres_folder/data" --wait --silent \
      --log="$postgres_folder/data/server.log" \
      --options="-k $postgres_folder -c listen_addresses= -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=100" \
      start >>"$postgres_folder.log" 2>&1
  ) || { cat "$postgres_folder.log" "$postgres_folder/data/server.log" 2>/dev/null; return 1; }
  postgres_running=$programs
  POSTGRES_URL="postgres://kim@/postgres?host=$postgres_folder"
}

stop_postgres() {
  if [ -n "${postgres_running:-}" ]; then
    (cd / && as_postgres "$postgres_running/pg_ctl" --pgdata="$postgres_folder/data" --mode=immediate --silent stop) || true
    postgres_running=""
  fi
  rm -rf "${postgres_folder:?}" "$postgres_folder.log"
}
