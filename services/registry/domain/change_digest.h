// The chain of digests that tells one history from another.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/hash/sha256.h"
#include "google/protobuf/message.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "services/registry/domain/kinds.h"

namespace orewatch::registry {

// The bytes of a message that the same message always has. Stores keep these of an entry.
std::string CanonicalBytes(const google::protobuf::Message& message);

// HMAC-SHA256 over the digest of the revision before and one change set, so that equal digests mean equal histories,
// and nobody can tell by one whether he guesses what he may not see. Every engine computes the same. Thread-compatible.
class ChangeDigest {
 public:
  // `previous` is empty for the first revision; `secret` is the registry's.
  ChangeDigest(absl::string_view previous, std::string secret);

  // In the order of the set. `after` is the entry's canonical bytes; empty where a change leaves none.
  void AddChange(Kind kind, absl::string_view key, v1::Change::Operation operation, absl::string_view after);
  // 32 bytes. Nothing may be added afterwards.
  std::string Finish(int64_t revision, int64_t commit_time_micros, absl::string_view principal,
                     absl::string_view request_id);

 private:
  void AddNumber(int64_t number);
  void AddText(absl::string_view text);
  const std::string secret_;
  Sha256 sha_;
};

// That of a whole change set as the store keeps it.
std::string DigestOf(const v1::ChangeSet& set, absl::string_view previous, const std::string& secret);

}  // namespace orewatch::registry
