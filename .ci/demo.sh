#!/usr/bin/env bash
# Run the portal with the demo world: `demo.sh`, or `demo.sh --reset` to begin with a new one.
set -euo pipefail
cd "$(dirname "$0")/.."

port=${PORT:-8000}
database=var/demo.sqlite3
stop() { echo "$*" >&2; exit 1; }
case $port in '' | *[!0-9]*) stop "PORT=$port is not a port number." ;; esac

bash .ci/setup.sh
.venv/bin/python - "$port" <<'PY' || stop "Port $port on 127.0.0.1 is taken. Choose another one, for example: make demo PORT=$((port + 1))"
import socket, sys
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(sys.argv[1])))
    except (OSError, OverflowError):
        sys.exit(1)
PY

# The demo chooses its own settings; what the machine's environment says about another portal is left alone.
export DEBUG=0 KIM_DEMO=1 HTTPS=0 BEHIND_PROXY=0 CACHE_URL=locmemcache:// \
  ALLOWED_HOSTS=127.0.0.1,localhost CSRF_TRUSTED_ORIGINS= SECRET_KEY_FALLBACKS= \
  DJANGO_SETTINGS_MODULE=kim_portal.settings
SECRET_KEY=$(cat var/secret_key)
DOCUMENT_KEYS=$(cat var/document_key)
export SECRET_KEY DOCUMENT_KEYS DOCUMENT_FOLDER="$PWD/var/demo-documents" DOCUMENT_STORAGE='{}'
manage() { DATABASE_URL="sqlite:///$PWD/$1" .venv/bin/python manage.py "${@:2}"; }

[ "${1:-}" = --reset ] && rm -f "$database" "$database"-*
[ -f "$database" ] || rm -rf "$DOCUMENT_FOLDER"
catalogues=$(cat ./*/catalogues/* | cksum)
if [ -f "$database" ]; then
  manage "$database" migrate --noinput --verbosity 0
  if [ "$(cat var/made-from/catalogues 2>/dev/null)" != "$catalogues" ]; then
    manage "$database" load_catalogues
  fi
else
  # Made aside and moved into place when it is whole: a demo that was interrupted is no demo.
  echo "Making the demo world, about a minute …"
  making=var/demo-in-the-making.sqlite3
  rm -f "$making" "$making"-*
  manage "$making" migrate --noinput --verbosity 0
  manage "$making" load_catalogues
  manage "$making" demo
  .venv/bin/python -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("PRAGMA wal_checkpoint(TRUNCATE)")' "$making"
  mv "$making" "$database"
  rm -f "$making"-*
fi
echo "$catalogues" > var/made-from/catalogues

cat <<TEXT

  The portal runs at  http://127.0.0.1:$port/  (stop it with Ctrl-C)

  Sign in as                    with the password kim-demo-2021
    fallmanagement.hamborn        caseworker, RSC Hamborn
    fallmanagement.hochfeld       caseworker, RSC Hochfeld
    fallmanagement.rheinhausen    caseworker, RSC Rheinhausen
    koordination                  coordinator
    administration                administrator

TEXT
export DATABASE_URL="sqlite:///$PWD/$database"
exec .venv/bin/gunicorn kim_portal.wsgi:application --bind "127.0.0.1:$port" \
  --workers 2 --threads 4 --log-level warning --no-control-socket
