// Finds out who calls.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/access_table.h"
#include "common/auth/auth_metrics.h"
#include "common/auth/kept.h"
#include "common/auth/token.h"
#include "common/auth/token_cache.h"
#include "common/rpc/caller.h"
#include "common/time/clock.h"

namespace orewatch::auth {

// What a call brings along; views of its metadata.
struct Presented {
  struct Header {
    absl::string_view value;
    // How often it is there: a second one could mean another caller to another reader.
    int count = 0;
  };
  Header authorization;
  Header api_key;
  Header principal;
  Header role;
};

// Of the client certificate that the transport has verified, in the order in which they count; asked only if need be.
using Identities = std::function<std::vector<std::string>()>;

// Thread-safe. Authenticate does not block: what it knows is read by others.
class AccessControl {
 public:
  struct Sources {
    // Null: no token is taken.
    Kept<KeySet>* token_keys = nullptr;
    TokenPolicy token_policy = {};
    // Runs when a token names a key that is not known, and it was not known before that it is missed.
    std::function<void()> key_missed = [] {};
    // Null: no key and no certificate is taken.
    const Kept<AccessTable>* access = nullptr;
    // By which the process knows its own calls, as which it may be any service; empty: there is none.
    std::string own_key = {};
  };

  AccessControl(Sources sources, const Clock& clock, AuthMetrics& metrics);

  // The caller, or a refusal (refusal.h). A bearer token or a key counts before the certificate of the connection,
  // which may be that of a proxy. Its role may be ROLE_UNSPECIFIED: known, and permitted nothing.
  absl::StatusOr<rpc::Caller> Authenticate(const Presented& presented, const Identities& identities);

 private:
  struct Recognised {
    rpc::Caller caller;
    Grant grant;
  };
  absl::StatusOr<Recognised> Recognise(const Presented& presented, const Identities& identities,
                                       Credential& credential);
  absl::StatusOr<Recognised> ByKey(absl::string_view text);
  absl::StatusOr<Recognised> ByToken(absl::string_view token);
  absl::StatusOr<Recognised> ByCertificate(const std::vector<std::string>& identities);
  absl::StatusOr<VerifiedToken> Verify(absl::string_view token);
  std::shared_ptr<const AccessTable> Table() const;

  const Sources sources_;
  const Clock& clock_;
  AuthMetrics& metrics_;
  TokenCache cache_;
  // Of own_key.
  std::optional<ApiKey> own_;
};

}  // namespace orewatch::auth
