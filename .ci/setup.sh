#!/usr/bin/env bash
# Set up everything the portal needs to start: packages, front-end files, translations, static files.
# Safe to repeat: each part is made again only when what it is made from has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

stop() { echo "$*" >&2; exit 1; }
checksum() { cat "$@" | cksum; }
# made STAMP SUM: was this part made from exactly these sources?
made() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

# --- Python ----------------------------------------------------------------------------------
fits='import sys; sys.exit(sys.version_info < (3, 11))'
if ! .venv/bin/python -c "$fits" 2>/dev/null; then
  python=""
  for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3 python; do
    [ -n "$candidate" ] && "$candidate" -c "$fits" 2>/dev/null && python=$candidate && break
  done
  [ -n "$python" ] || stop "Python 3.11 or newer is missing. Install it, or name it with PYTHON=/path/to/python3."
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    stop "Python's venv module is missing. Install it (on Debian and Ubuntu: apt install python3-venv)."
  rm -rf .venv
  "$python" -m venv .venv
fi

# --- Node ------------------------------------------------------------------------------------
node=$(node --version 2>/dev/null || true)
node_major=${node#v}; node_major=${node_major%%.*}
if ! command -v npm >/dev/null || [ "${node_major:-0}" -lt 20 ]; then
  stop "Node.js 20 or newer with npm is missing${node:+ (found $node)}. Install it and start again."
fi

# --- Packages --------------------------------------------------------------------------------
sum=$(checksum requirements.lock)
if ! made .venv/made-from "$sum"; then
  echo "Installing the Python packages …"
  .venv/bin/python -m pip install -qq --no-input --disable-pip-version-check \
    --require-hashes -r requirements.lock
  .venv/bin/python -m compileall -q .venv/lib >/dev/null || true
  echo "$sum" > .venv/made-from
fi
sum=$(checksum package-lock.json .npmrc)
if ! made node_modules/.made-from "$sum"; then
  echo "Installing the front-end packages …"
  npm ci --silent --no-fund --no-audit </dev/null
  echo "$sum" > node_modules/.made-from
fi

# --- What is built from our own files ----------------------------------------------------------
mkdir -p var/made-from
# Some machines keep Python from writing bytecode, and then each start takes three times as long.
.venv/bin/python -m compileall -q kim_portal centers providers cases manage.py
.venv/bin/python .ci/translations.py compile
if [ ! -s var/secret_key ]; then
  (umask 077; .venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))' > var/secret_key)
fi
if [ ! -s var/document_key ]; then
  (umask 077; .venv/bin/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())' > var/document_key)
fi
sum=$({ cat package-lock.json requirements.lock kim_portal/settings.py
        find static -type f | sort
        find static -type f -print0 | sort -z | xargs -0 cat; } | cksum)
if [ ! -f staticfiles/staticfiles.json ] || ! made var/made-from/static "$sum"; then
  echo "Collecting the static files …"
  DEBUG=1 .venv/bin/python manage.py collectstatic --noinput --clear --verbosity 0
  echo "$sum" > var/made-from/static
fi
