// Who makes a call, and what that lets them do.
#pragma once

#include <string>

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
  std::string through;
};

}  // namespace orewatch::rpc
