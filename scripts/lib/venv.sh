# Sourced by the scripts: Python programs from PyPI, in folders of their own below build/ and never in the system's.

# make_venv NAME REQUIREMENTS: puts what the file asks for into build/venv/NAME, if it is not there already. Sets `venv`.
# Fails, and says why, where there is no venv or PyPI cannot be reached.
make_venv() {
  local requirements=$2 stamp wanted
  venv=$PWD/build/venv/$1
  stamp=$venv/.made_from
  wanted=$({ cat "$requirements"; python3 --version; } | sha256sum)
  mkdir -p "$PWD/build/venv"
  # Tests that run side by side want the same one.
  exec 8>"$venv.lock"
  flock 8
  if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    rm -rf "$venv"
    if ! { python3 -m venv "$venv" && "$venv/bin/pip" install -q --disable-pip-version-check --require-hashes --only-binary :all: -r "$requirements"; } >"$venv.log" 2>&1; then
      echo "cannot install $requirements: $(tail -n 1 "$venv.log")" >&2
      exec 8>&-
      return 1
    fi
    echo "$wanted" >"$stamp"
  fi
  exec 8>&-
}
