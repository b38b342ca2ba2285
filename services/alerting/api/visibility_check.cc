#include "services/alerting/api/visibility_check.h"

#include "absl/strings/str_cat.h"

namespace orewatch::alerting {

void CheckVisibility(const Visibility& visibility, const std::string& prefix, FieldViolations& violations) {
  constexpr char kNoPrincipal[] = "must be 1 to 128 visible ASCII characters";
  if (!visibility.owner.empty() && !IsPrincipal(visibility.owner)) {
    violations.Add(absl::StrCat(prefix, "owner"), kNoPrincipal);
  }
  if (visibility.Public() && !visibility.readers.empty()) {
    violations.Add(absl::StrCat(prefix, "readers"), "must be empty where there is no owner: everybody may read");
  }
  if (visibility.readers.size() > kMaxReaders) {
    violations.Add(absl::StrCat(prefix, "readers"), absl::StrCat("must have at most ", kMaxReaders, " elements"));
    return;
  }
  for (size_t i = 0; i < visibility.readers.size(); ++i) {
    if (!IsPrincipal(visibility.readers[i])) {
      violations.Add(absl::StrCat(prefix, "readers[", i, "]"), kNoPrincipal);
    }
  }
}

absl::Status CheckOwner(const std::string& principal, const Visibility* before, const Visibility& after) {
  if (after.Public() || after.owner == principal || (before != nullptr && before->owner == after.owner)) {
    return absl::OkStatus();
  }
  return InvalidField("rule.visibility.owner", "must be the caller, or empty for public");
}

}  // namespace orewatch::alerting
