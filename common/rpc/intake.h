// What has arrived on connections, against what calls have taken of it. gRPC 1.51 bounds the headers of a frame, not
// those of a call: one that goes on in frame after frame is kept, whatever its size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

struct sockaddr;

namespace orewatch::rpc {

// What calls have taken, by connection. Thread-safe.
class Intake {
 public:
  struct Share {
    uint64_t bytes = 0;
    // Calls.
    int64_t ended = 0;
  };
  // By peer, as gRPC names it.
  using Taken = absl::flat_hash_map<std::string, Share>;

  // A call has begun: its headers may have been as long as any are.
  void NoteCall(absl::string_view peer);
  void NoteMessage(absl::string_view peer, size_t bytes);
  void NoteEnd(absl::string_view peer);
  // Since the last time.
  Taken TakeAll();

 private:
  void Note(absl::string_view peer, const Share& share);

  absl::Mutex mutex_;
  Taken taken_ ABSL_GUARDED_BY(mutex_);
};

// As gRPC names the peer of a connection; empty for a socket without a network.
std::string PeerName(const sockaddr* address);

// How much ever arrived on a TCP connection; nothing if it is none.
std::optional<uint64_t> BytesReceived(int descriptor);

}  // namespace orewatch::rpc
