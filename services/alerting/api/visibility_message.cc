#include "services/alerting/api/visibility_message.h"

#include "absl/strings/str_cat.h"

namespace orewatch::alerting {

void ToProto(const Visibility& visibility, type::v1::Visibility& out) {
  out.set_owner(visibility.owner);
  out.mutable_readers()->Assign(visibility.readers.begin(), visibility.readers.end());
}

Visibility FromProto(const type::v1::Visibility& visibility, const std::string& prefix, FieldViolations& violations) {
  constexpr char kNoPrincipal[] = "must be 1 to 128 visible ASCII characters";
  if (!visibility.owner().empty() && !IsPrincipal(visibility.owner())) {
    violations.Add(absl::StrCat(prefix, "owner"), kNoPrincipal);
  }
  if (visibility.owner().empty() && visibility.readers_size() > 0) {
    violations.Add(absl::StrCat(prefix, "readers"), "must be empty where there is no owner: everybody may read");
  }
  if (static_cast<size_t>(visibility.readers_size()) > kMaxReaders) {
    violations.Add(absl::StrCat(prefix, "readers"), absl::StrCat("must have at most ", kMaxReaders, " elements"));
    return {};
  }
  for (int i = 0; i < visibility.readers_size(); ++i) {
    if (!IsPrincipal(visibility.readers(i))) {
      violations.Add(absl::StrCat(prefix, "readers[", i, "]"), kNoPrincipal);
    }
  }
  return {.owner = visibility.owner(), .readers = {visibility.readers().begin(), visibility.readers().end()}};
}

absl::Status CheckOwner(const std::string& principal, const Visibility* before, const Visibility& after) {
  if (after.Public() || after.owner == principal || (before != nullptr && before->owner == after.owner)) {
    return absl::OkStatus();
  }
  return InvalidField("rule.visibility.owner", "must be the caller, or empty for public");
}

}  // namespace orewatch::alerting
