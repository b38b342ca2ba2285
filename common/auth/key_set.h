// The keys that tokens are signed with.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/public_key.h"

namespace orewatch::auth {

// Immutable; thread-safe.
class KeySet {
 public:
  static constexpr size_t kMaxBytes = size_t{1} << 20;

  // From a JWK Set (RFC 7517). Keys for something else, and keys without `kid`, are left out. INVALID_ARGUMENT: no such
  // document, a malformed or weak key in it, a private key in it, a `kid` twice, or nothing is left of it.
  static absl::StatusOr<KeySet> Parse(absl::string_view text);

  // Null: there is no such key for that algorithm.
  const PublicKey* Find(const std::string& id, Algorithm algorithm) const;
  bool Has(const std::string& id) const;
  size_t size() const { return keys_.size(); }

 private:
  std::map<std::pair<std::string, Algorithm>, PublicKey> keys_;
};

}  // namespace orewatch::auth
