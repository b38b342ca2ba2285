#include "tests/testing/postgres_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/storage/postgres.h"
#include "gtest/gtest.h"

namespace orewatch::testing {
namespace {

constexpr int kReadyTimeoutMs = 60'000;
constexpr char kRole[] = "orewatch";
constexpr char kAccount[] = "postgres";

// Free at the time of asking.
int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(listener, generic, size), 0);
  EXPECT_EQ(getsockname(listener, generic, &size), 0);
  close(listener);
  return ntohs(address.sin_port);
}

int BindReadySocket(const std::filesystem::path& path) {
  const int ready = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  EXPECT_EQ(bind(ready, reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << std::strerror(errno);
  return ready;
}

int OpenProcess(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

// Readable once the process has ended.
void AwaitProcess(int process) {
  pollfd end{process, POLLIN, 0};
  EXPECT_GT(poll(&end, 1, kReadyTimeoutMs), 0);
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/task/", pid, "/children"));
  return {std::istream_iterator<pid_t>(file), std::istream_iterator<pid_t>()};
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::Start() {
  auto server = std::unique_ptr<PostgresServer>(new PostgresServer());
  OREWATCH_RETURN_IF_ERROR(server->MakeCluster());
  OREWATCH_RETURN_IF_ERROR(server->Launch());
  return server;
}

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::StartStandby(const PostgresServer& primary) {
  auto server = std::unique_ptr<PostgresServer>(new PostgresServer());
  OREWATCH_RETURN_IF_ERROR(
      server->RunToEnd("pg_basebackup", {"-h", primary.dir_.string(), "-p", absl::StrCat(primary.port_), "-U", kRole,
                                         "-D", (server->dir_ / "data").string(), "-R", "-c", "fast", "--no-sync"}));
  OREWATCH_RETURN_IF_ERROR(server->Launch());
  return server;
}

PostgresServer::PostgresServer() : port_(FreePort()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "orewatch-pg-XXXXXX").string();
  dir_ = mkdtemp(pattern.data());
  ready_socket_ = BindReadySocket(dir_ / "ready");
  if (const passwd* account = getpwnam(kAccount); getuid() == 0 && account != nullptr) {
    for (const auto& path : {dir_, dir_ / "ready"}) {
      EXPECT_EQ(chown(path.c_str(), account->pw_uid, account->pw_gid), 0);
    }
  }
}

PostgresServer::~PostgresServer() {
  // At once: nobody needs the checkpoint, which syncs each file of each database.
  End(SIGQUIT);
  close(ready_socket_);
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
}

pid_t PostgresServer::Spawn(const std::string& program, const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {"setpriv", "--pdeathsig=KILL"};
  if (getuid() == 0) {
    command.insert(command.end(),
                   {absl::StrCat("--reuid=", kAccount), absl::StrCat("--regid=", kAccount), "--clear-groups"});
  }
  command.push_back(absl::StrContains(program, '/') ? program : absl::StrCat(OREWATCH_POSTGRES_BIN_DIR, "/", program));
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (std::string& part : command) {
    argv.push_back(part.data());
  }
  argv.push_back(nullptr);
  std::string path = absl::StrCat("PATH=", std::getenv("PATH"));
  std::string ready = absl::StrCat("NOTIFY_SOCKET=", (dir_ / "ready").string());
  std::array<char*, 3> environment = {path.data(), ready.data(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, (dir_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  pid_t pid = 0;
  EXPECT_EQ(posix_spawnp(&pid, argv.front(), &files, nullptr, argv.data(), environment.data()), 0);
  posix_spawn_file_actions_destroy(&files);
  return pid;
}

absl::Status PostgresServer::MakeCluster() {
  return RunToEnd("initdb", {"--pgdata", (dir_ / "data").string(), "--auth=trust", "--encoding=UTF8", "--locale=C",
                             "--no-sync", absl::StrCat("--username=", kRole)});
}

absl::Status PostgresServer::RunToEnd(const std::string& program, const std::vector<std::string>& arguments) const {
  int status = 0;
  waitpid(Spawn(program, arguments), &status, 0);
  return status == 0 ? absl::OkStatus() : absl::UnavailableError(absl::StrCat(program, " failed:\n", Log()));
}

absl::Status PostgresServer::RunClient(const std::string& program, std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {"-h", dir_.string(), "-p", absl::StrCat(port_), "-U", kRole});
  return RunToEnd(program, arguments);
}

absl::Status PostgresServer::Launch() {
  pid_ = Spawn("postgres", {"-D", (dir_ / "data").string(), "-p", absl::StrCat(port_), "-k", dir_.string(),
                            // A recovery syncs all files first: one call instead of one for each.
                            "-c", "recovery_init_sync_method=syncfs", "-c", "listen_addresses=127.0.0.1"});
  return AwaitReady();
}

absl::Status PostgresServer::AwaitReady() {
  const int process = OpenProcess(pid_);
  absl::Status status = absl::UnavailableError("the server did not become ready");
  std::array<pollfd, 2> events{{{ready_socket_, POLLIN, 0}, {process, POLLIN, 0}}};
  while (poll(events.data(), events.size(), kReadyTimeoutMs) > 0 && events[0].revents != 0) {
    std::array<char, 256> text{};
    const ssize_t size = recv(ready_socket_, text.data(), text.size(), 0);
    if (absl::StrContains(absl::string_view(text.data(), static_cast<size_t>(std::max<ssize_t>(size, 0))), "READY=1")) {
      status = absl::OkStatus();
      break;
    }
  }
  close(process);
  return status.ok() ? status : absl::UnavailableError(absl::StrCat(status.message(), ":\n", Log()));
}

std::string PostgresServer::Log() const {
  std::ifstream file(dir_ / "log");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string PostgresServer::CreateDatabase(absl::string_view options) {
  std::string name = absl::StrCat("db", ++databases_);
  const auto admin = storage::Postgres::Open({Address("postgres")});
  EXPECT_TRUE(admin.ok()) << admin.status();
  if (admin.ok()) {
    const absl::Status status = (*admin)->Execute(absl::StrCat("CREATE DATABASE ", name, " ", options));
    EXPECT_TRUE(status.ok()) << status;
  }
  return name;
}

std::string PostgresServer::Address(absl::string_view database) const {
  return absl::StrCat("host=", dir_.string(), " port=", port_, " user=", kRole, " dbname=", database);
}

std::string PostgresServer::TcpAddress(absl::string_view database, int port) const {
  return absl::StrCat("postgres://", kRole, "@127.0.0.1:", port, "/", database, "?sslmode=disable");
}

void PostgresServer::Kill() {
  // Stopped, so that it has no new children while the old ones are listed.
  kill(pid_, SIGSTOP);
  std::vector<int> processes;
  for (const pid_t child : ChildrenOf(pid_)) {
    processes.push_back(OpenProcess(child));
    kill(child, SIGKILL);
  }
  kill(pid_, SIGKILL);
  AwaitEnd();
  for (const int process : processes) {
    AwaitProcess(process);
    close(process);
  }
}

void PostgresServer::Stop() {
  // Fast: open sessions are ended.
  End(SIGINT);
}

void PostgresServer::End(int signal) {
  if (pid_ > 0) {
    kill(pid_, signal);
    AwaitEnd();
  }
}

void PostgresServer::AwaitEnd() {
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

absl::Status PostgresServer::StartAgain() { return Launch(); }

absl::Status PostgresServer::Promote() { return RunToEnd("pg_ctl", {"promote", "-w", "-D", (dir_ / "data").string()}); }

absl::Status PostgresServer::SaveDisk() {
  return RunToEnd("/bin/cp", {"-a", (dir_ / "data").string(), (dir_ / "saved").string()});
}

absl::Status PostgresServer::SetDiskBack() {
  std::filesystem::remove_all(dir_ / "data");
  return RunToEnd("/bin/cp", {"-a", (dir_ / "saved").string(), (dir_ / "data").string()});
}

absl::Status PostgresServer::RestoreToThePointOfTheCopy() {
  OREWATCH_RETURN_IF_ERROR(SetDiskBack());
  OREWATCH_RETURN_IF_ERROR(RunToEnd("/bin/touch", {(dir_ / "data" / "standby.signal").string()}));
  OREWATCH_RETURN_IF_ERROR(Launch());
  return Promote();
}

absl::Status PostgresServer::KeepForRestore() {
  const std::string archive = dir_ / "archive";
  OREWATCH_RETURN_IF_ERROR(RunToEnd("/bin/mkdir", {archive}));
  OREWATCH_RETURN_IF_ERROR(
      RunClient("psql", {"-d", "postgres", "-c", "ALTER SYSTEM SET archive_mode = on", "-c",
                         absl::StrCat("ALTER SYSTEM SET archive_command = 'cp %p ", archive, "/%f'")}));
  Stop();
  OREWATCH_RETURN_IF_ERROR(Launch());
  return RunClient("pg_basebackup", {"-D", (dir_ / "saved").string(), "-c", "fast", "--no-sync"});
}

absl::Status PostgresServer::RestoreTo(const std::string& point) {
  OREWATCH_RETURN_IF_ERROR(RunClient("psql", {"-d", "postgres", "-c", "SELECT pg_switch_wal()"}));
  // Which ends when the last segment has been archived.
  Stop();
  OREWATCH_RETURN_IF_ERROR(SetDiskBack());
  const std::string data = dir_ / "data";
  OREWATCH_RETURN_IF_ERROR(RunToEnd(
      "/bin/sh",
      {"-c", absl::StrCat("echo \"restore_command = 'cp ", (dir_ / "archive").string(),
                          "/%f %p'\nrecovery_target_name = '", point, "'\nrecovery_target_action = 'promote'\" >> ",
                          data, "/postgresql.auto.conf && touch ", data, "/recovery.signal")}));
  return Launch();
}

PostgresServer& SharedPostgresServer() {
  static const std::unique_ptr<PostgresServer> server = [] {
    auto started = PostgresServer::Start();
    if (!started.ok()) {
      std::cerr << "tests need PostgreSQL: " << started.status() << "\n";
      std::abort();
    }
    return *std::move(started);
  }();
  return *server;
}

}  // namespace orewatch::testing
