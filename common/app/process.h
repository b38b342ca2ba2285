// The life of a server process, the same for every binary: flags, logs, metrics, ports, readiness, signals, drain.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/app/environment.h"

namespace grpc {
class Channel;
}

namespace orewatch::rpc {
class Service;
class Server;
}  // namespace orewatch::rpc

namespace orewatch::app {

// What a binary serves. Built before the ports open, destroyed after they close.
class Application {
 public:
  virtual ~Application() = default;
  virtual std::vector<rpc::Service*> services() = 0;
  // Where it keeps what must not be lost: an SQLite file or a PostgreSQL database; empty: it keeps nothing.
  virtual std::string database() const { return ""; }
  // The server listens: connect to neighbours (through `self` if they are in this process) and begin to follow. Calls
  // `ready`, from any thread and as often as it likes, once the answers are worth asking for.
  virtual void Start(rpc::Server& self, std::function<void()> ready) = 0;
  // Stop following; calls may still be in flight.
  virtual void Stop() = 0;
};

using MakeApplication = std::function<absl::StatusOr<std::unique_ptr<Application>>(const Environment&)>;

// What a binary may be asked to do instead of serving: what to print when it is done, or nothing if it is to serve.
using Errand = std::function<absl::StatusOr<absl::optional<std::string>>()>;

struct ProcessDefaults {
  std::string name;
  int grpc_port;
  int admin_port;
  Errand errand = nullptr;
};

// The whole of main(): parses flags (--address, --admin_address, --tls_*, --reflection, --drain_timeout,
// --drain_settle,
// --log_level, --max_in_flight, --max_streams, --blocking_threads and the binary's own), runs until SIGTERM or SIGINT,
// drains. Returns the exit code: 0 after a drain or an errand, 1 if the start failed (one line says why), 2 on bad
// usage.
int RunProcess(int argc, char** argv, const ProcessDefaults& defaults, const MakeApplication& make);

}  // namespace orewatch::app
