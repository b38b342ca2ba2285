// Who makes a call, and what that lets them do.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/trace/trace.h"
#include "orewatch/access/v1/access.pb.h"

namespace orewatch::rpc {

struct Caller {
  // `anonymous`, or the authenticated subject: the "who" of every change, and whom owner and readers name.
  std::string principal = "anonymous";
  // Without security everybody may do everything.
  access::v1::Role role = access::v1::ROLE_ADMIN;
  // How they proved it: `none`, `header` (they did not), `token`, `key` or `certificate`.
  std::string credential = "none";
  // The service of ours that asks on their behalf; empty: they call themselves.
  std::string through = {};
  // It is a service of ours that calls, on its own behalf: what it is shown it shows on only to those who may read it.
  bool service = false;
  // When what proved it ends, and streams with it.
  absl::Time expire_time = absl::InfiniteFuture();
  // Full names of the services and methods that the credential is for; null: all.
  std::shared_ptr<const std::vector<std::string>> scopes = nullptr;
  // The request that the call is part of, with the span of the call: it goes wherever we ask on the caller's behalf.
  TracePtr trace = nullptr;
};

}  // namespace orewatch::rpc
