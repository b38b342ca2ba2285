// Files of resources and rules, as export, get and list write them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::ctl {

// What a file holds, in its order.
struct Documents {
  std::vector<registry::v1::Entry> entries;
  std::vector<alerting::v1::Rule> rules;
};

// Reads textproto, or JSON if the text begins with a brace: an export (`entries {…}`), rules (`rules {…}`), a list of
// one kind (`minerals {…}`), one entry, one rule or one resource with its name. INVALID_ARGUMENT says where the text
// fails.
absl::StatusOr<Documents> ParseDocuments(absl::string_view text);

}  // namespace orewatch::ctl
