# Every third-party package, found once. docs/dependencies.md says why each is here.

find_package(Threads REQUIRED)
# Module mode: Debian's protobuf ships no CMake package file.
find_package(Protobuf REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL 15 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(PkgConfig REQUIRED)
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
pkg_check_modules(uuid REQUIRED IMPORTED_TARGET uuid)
if(OREWATCH_TESTS)
  find_package(GTest CONFIG REQUIRED)
  find_package(benchmark CONFIG REQUIRED)
  # Where Debian keeps the programs of the server that the tests start.
  find_program(OREWATCH_INITDB initdb HINTS /usr/lib/postgresql/15/bin REQUIRED)
  cmake_path(GET OREWATCH_INITDB PARENT_PATH OREWATCH_POSTGRES_BIN_DIR)
endif()

# Protos that Debian packages ship.
find_path(OREWATCH_GOOGLEAPIS_DIR google/rpc/error_details.proto REQUIRED
  PATHS /usr/share/gocode/src/github.com/gogo/googleapis)
find_path(OREWATCH_GRPC_PROTO_DIR grpc/health/v1/health.proto REQUIRED PATHS /usr/share/grpc-proto)
