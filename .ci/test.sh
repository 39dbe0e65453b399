#!/usr/bin/env bash
# Set up and run all tests: on SQLite, on PostgreSQL and in the browser, each as far as it is there.
#   ARGS="-k handover"     only some of them (whatever pytest takes)
#   TEST_DATABASE_URL=…    use this PostgreSQL, in which a database test_… is made, in place of a throwaway one
#   REQUIRE_ALL=1          fail rather than leave something out
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/postgres.sh

bash .ci/setup.sh
mkdir -p var
named_database=${TEST_DATABASE_URL:-}
unset TEST_DATABASE_URL
require_all=${REQUIRE_ALL:-0}
failed=0
left_out=()
closing_lines=()

# run NAME ARGUMENTS…: one run of pytest, whose closing line is kept for the end.
run() {
  local name=$1 log="var/test-$1.log" status=0
  shift
  printf '\n%s\n' "── $name"
  # ARGS holds several words on purpose; eval lets a quoted expression stay one word.
  eval "set -- \"\$@\" ${ARGS:-}"
  .venv/bin/python -m pytest --color="$colour" "$@" 2>&1 | tee "$log" || status=$?
  # With ARGS a run may hold none of the tests that were asked for.
  [ "$status" = 5 ] && [ -n "${ARGS:-}" ] && status=0
  [ "$status" = 0 ] || failed=1
  closing_lines+=("$(printf '%-12s' "$name:")$(tail -n 1 "$log")")
}
if [ -t 1 ]; then colour=yes; else colour=no; fi

run SQLite -n "${TEST_WORKERS:-2}" -m "not browser"

chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -n "$chromium" ]; then
  CHROMIUM=$chromium run Browser -n "${TEST_WORKERS:-2}" -m browser
else
  left_out+=("the browser tests (Chromium is not installed)")
fi

if [ -n "$named_database" ]; then
  TEST_DATABASE_URL=$named_database run PostgreSQL -n "${TEST_WORKERS:-2}" -m "not browser"
elif ! programs=$(postgres_programs); then
  left_out+=("PostgreSQL (its programs are not installed)")
elif [ "$(id -u)" = 0 ] && ! { id postgres && command -v runuser; } >/dev/null 2>&1; then
  left_out+=("PostgreSQL (root may not run it, and there is no user postgres)")
elif start_postgres "$programs"; then
  TEST_DATABASE_URL=$POSTGRES_URL run PostgreSQL -n "${TEST_WORKERS:-2}" -m "not browser"
  stop_postgres
  trap - EXIT
else
  echo "The throwaway PostgreSQL did not start." >&2
  failed=1
fi

printf '\n'
printf '%s\n' "${closing_lines[@]}"
if [ ${#left_out[@]} -gt 0 ]; then
  printf -v list '%s, ' "${left_out[@]}"
  echo "Left out: ${list%, }."
  [ "$require_all" = 1 ] && { echo "REQUIRE_ALL=1: nothing may be left out." >&2; failed=1; }
fi
exit $failed
