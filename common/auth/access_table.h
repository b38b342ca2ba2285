// The access file, checked and ready to be asked.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "orewatch/access/v1/access.pb.h"
#include "orewatch/access/v1/access_file.pb.h"

namespace orewatch::auth {

// What somebody may do once they have proved who they are.
struct Grant {
  std::string principal;
  access::v1::Role role = access::v1::ROLE_UNSPECIFIED;
  bool service = false;
  bool may_speak_for_others = false;
  // Even for other services: of a process that is all of them.
  bool may_speak_for_services = false;
  // Of a subject: is not let in.
  bool denied = false;
};

struct ApiKey {
  // Of its secret; 32 bytes.
  std::string digest;
  Grant grant;
  // Null: all.
  std::shared_ptr<const std::vector<std::string>> scopes;
  absl::Time expire_time = absl::InfiniteFuture();
  bool revoked = false;
};

// Immutable; thread-safe.
class AccessTable {
 public:
  static constexpr size_t kMaxBytes = size_t{4} << 20;

  // INVALID_ARGUMENT, with the field, or the line, of what is wrong.
  static absl::StatusOr<AccessTable> Parse(absl::string_view text);

  // Null: there is no such entry.
  const ApiKey* FindKey(absl::string_view id) const;
  // `identity` as in the file: uri:..., dns:... or cn:...
  const Grant* FindCertificate(absl::string_view identity) const;
  const Grant* FindSubject(absl::string_view principal) const;

 private:
  absl::Status Take(const access::v1::AccessFile& file);

  std::map<std::string, ApiKey, std::less<>> keys_;
  std::map<std::string, Grant, std::less<>> certificates_;
  std::map<std::string, Grant, std::less<>> subjects_;
};

}  // namespace orewatch::auth
