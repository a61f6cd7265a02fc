# The Debian 12 packages that the house is built of, and the ones that only tests need. Sourced by quickstart.sh and tests/run.sh.

build_packages=(
  g++ cmake ninja-build ccache pkg-config
  libboost1.81-dev libboost-json1.81-dev libcurl4-openssl-dev librocksdb-dev libsnappy-dev liblz4-dev libbz2-dev libgflags-dev
  libgrpc++-dev libgrpc-dev protobuf-compiler-grpc protobuf-compiler libprotobuf-dev libabsl-dev
  libsimdjson-dev libvalijson-dev libyaml-cpp-dev libcli11-dev libspdlog-dev libre2-dev libssl-dev
  zlib1g-dev libzstd-dev libdeflate-dev libarchive-dev libcsv-dev libcld2-dev libexpat1-dev libjemalloc-dev prometheus-cpp-dev
)
test_packages=(catch2 libbenchmark-dev clang-format openssl curl procps python3 python3-venv prometheus zstd)

# install_packages NAME...: installs what is missing, as root or with sudo; quick when nothing is.
install_packages() {
  local missing=() name
  for name in "$@"; do
    [ "$(dpkg-query -W -f='${Status}' "$name" 2>/dev/null)" = "install ok installed" ] || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "These packages are missing and need root or sudo: ${missing[*]}" >&2; return 1; }
    root=(sudo)
  fi
  echo "Installing ${#missing[@]} packages: ${missing[*]}"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq || return 1
  # Services of packages that tests use as tools are not started.
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || return 1
}
