# Sourced by the scripts: installs the Debian packages that they need, and only those that are missing.

BUILD_PACKAGES=(
  g++ cmake ninja-build pkg-config git ccache mold ca-certificates
  libgrpc++-dev protobuf-compiler-grpc libprotobuf-dev protobuf-compiler libabsl-dev
  libspdlog-dev nlohmann-json3-dev libsqlite3-dev libpq-dev libssl-dev libcurl4-openssl-dev libicu-dev libcpp-httplib-dev prometheus-cpp-dev uuid-dev
  grpc-proto golang-github-gogo-googleapis-dev
)
# What the programs load, for a machine or an image that does not build them.
RUNTIME_PACKAGES=(
  libgrpc++1.51 libgrpc29 libprotobuf32 libabsl20220623 libspdlog1.10 libfmt9 libsqlite3-0 libpq5 libssl3 libcurl4 libicu72 libcpp-httplib0.11
  libprometheus-cpp-core1.0 libuuid1 libstdc++6 ca-certificates
)
# Of those that BUILD_PACKAGES has, what is compiled into the programs without a library to load: bills of materials name them.
COMPILED_IN_PACKAGES=(nlohmann-json3-dev grpc-proto golang-github-gogo-googleapis-dev)
TEST_PACKAGES=(
  libgtest-dev libgmock-dev libbenchmark-dev postgresql-15 prometheus prometheus-alertmanager python3 python3-venv nodejs npm
  jsonnet sqlite3 openssl curl
)
EDGE_PACKAGES=(python3 python3-venv)
# A Debian root of our own, images built and run in it, and a systemd that starts in it.
CONTAINER_PACKAGES=(curl debootstrap buildah podman runc conmon catatonit netavark aardvark-dns iptables systemd-container)
FUZZ_PACKAGES=(clang-14 libclang-rt-14-dev)
CHECK_PACKAGES=(clang-format-14 clang-tidy-14 nodejs npm)

install_packages() {
  local missing=() package
  for package in "$@"; do
    case $package in
      # A newer toolchain from elsewhere serves as well.
      python3-venv) python3 -c 'import ensurepip' 2>/dev/null && continue ;;
      nodejs | npm) command -v "${package/nodejs/node}" >/dev/null && continue ;;
    esac
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  echo "Installing ${missing[*]}" >&2
  # Nothing that is installed may start a service of its own.
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}
