// How many streams peers have opened. gRPC 1.51 limits those that are open at once, but one that is reset at once is
// open no longer, though its call has yet to be dealt with (CVE-2023-44487); and while a connection goes on opening
// them gRPC deals with no call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace orewatch::rpc {

// Asks channelz, which counts as streams are opened. Thread-compatible.
class StreamCounts {
 public:
  // Of the server of this process that was started last.
  StreamCounts();
  struct Counts {
    int64_t opened = 0;
    // Whichever way.
    int64_t ended = 0;
  };
  // On the connection of a peer, as gRPC names it; nothing if it is not known, or gone.
  std::optional<Counts> Of(const std::string& peer);
  void Forget(const std::string& peer) { sockets_.erase(peer); }

 private:
  std::optional<int64_t> SocketOf(const std::string& peer);
  void LearnSockets();

  const int64_t server_;
  // Sockets have growing numbers; from here on they are not known yet.
  int64_t unknown_from_ = 0;
  absl::flat_hash_map<std::string, int64_t> sockets_;
};

}  // namespace orewatch::rpc
