// A real Alertmanager for tests, on free ports of 127.0.0.1 and a folder of its own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/testing/temp_dir.h"
#include "tests/testing/child_process.h"

namespace orewatch::testing {

// Thread-compatible.
class AlertmanagerProcess {
 public:
  // What the suite ships, with short intervals, and with `hook_url` instead of its own.
  static std::string Config(const std::string& hook_url);
  // The same with several hooks, each told by itself.
  static std::string Config(const std::vector<std::string>& hook_urls);

  explicit AlertmanagerProcess(const std::string& config);
  // Starts it, as a member of a cluster with `peers` (their cluster addresses), and returns when it is ready.
  void Start(const std::vector<std::string>& peers = {});
  // In good order: it saves what it has told.
  void Stop();
  void Kill();

  int port() const { return port_; }
  std::string url() const;
  std::string cluster_address() const;
  std::string log() const { return dir_ / "log"; }

 private:
  TempDir dir_;
  const int port_;
  const int cluster_port_;
  std::optional<ChildProcess> process_;
};

}  // namespace orewatch::testing
