// A real PostgreSQL for tests: a cluster of its own in a temporary folder, gone when the object is.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orewatch::testing {

// Durable as in production (fsync is on). Listens on a socket in its folder and on a free port of 127.0.0.1; trusts
// everybody. Dies with the thread that made it. Thread-compatible.
class PostgresServer {
 public:
  // UNAVAILABLE, with the log of the server, if it does not start.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> Start();
  // A standby that follows another server, and answers nobody until it is promoted.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> StartStandby(const PostgresServer& primary);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // A new, empty database; returns its name.
  std::string CreateDatabase(absl::string_view options = "");
  // Connection string of a database, over the socket.
  std::string Address(absl::string_view database) const;
  // The same over TCP, to another port if a proxy stands between.
  std::string TcpAddress(absl::string_view database, int port) const;
  int port() const { return port_; }

  // Kills every process of the server at once, as a crash of the machine would, and returns when they are gone.
  void Kill();
  // Stops it in good order.
  void Stop();
  // Starts it again after Kill or Stop.
  absl::Status StartAgain();
  absl::Status Promote();
  // Copies the disk of a stopped server, and sets it back to the copy, as a snapshot of a volume would.
  absl::Status SaveDisk();
  absl::Status SetDiskBack();
  // The same by a recovery, which ends at the copy and begins a timeline of its own. Started on return.
  absl::Status RestoreToThePointOfTheCopy();
  // Makes a base backup, and keeps all that is written from then on, from which RestoreTo gets to any point. The server
  // is restarted.
  absl::Status KeepForRestore();
  // Goes back to a point that pg_create_restore_point has named. Started on return.
  absl::Status RestoreTo(const std::string& point);
  // Runs a program of the server's (pg_dump, ...) to its end, telling it how to connect.
  absl::Status RunClient(const std::string& program, std::vector<std::string> arguments) const;
  std::filesystem::path dir() const { return dir_; }
  // Returns when the server has recovered by itself from the death of one of its processes.
  absl::Status AwaitRecovery() { return AwaitReady(); }

 private:
  PostgresServer();
  absl::Status MakeCluster();
  absl::Status Launch();
  absl::Status AwaitReady();
  void End(int signal);
  void AwaitEnd();
  std::string Log() const;
  // Runs a program, of the server's if it has no folder, as a user that is not root.
  absl::Status RunToEnd(const std::string& program, const std::vector<std::string>& arguments) const;
  pid_t Spawn(const std::string& program, const std::vector<std::string>& arguments) const;

  std::filesystem::path dir_;
  int port_ = 0;
  // Where the server tells that it takes connections (sd_notify).
  int ready_socket_ = -1;
  pid_t pid_ = 0;
  int databases_ = 0;
};

// The server that the tests of one program share, started by the first call. Ends the program if it cannot be started.
PostgresServer& SharedPostgresServer();

}  // namespace orewatch::testing
