#include "services/registry/api/change_filter.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/domain/resource_names.h"

namespace orewatch::registry {

absl::StatusOr<std::vector<Kind>> KindsOf(const std::vector<std::string>& collections) {
  FieldViolations violations;
  std::vector<Kind> kinds;
  if (collections.size() > AllKinds().size()) {
    return InvalidField("kinds", absl::StrCat("must be at most ", AllKinds().size()));
  }
  for (size_t i = 0; i < collections.size(); ++i) {
    if (const auto kind = KindOfCollection(collections[i]); kind.has_value()) {
      kinds.push_back(*kind);
    } else {
      violations.Add(absl::StrCat("kinds[", i, "]"), "is not the name of a collection, such as suppliers");
    }
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return kinds;
}

absl::StatusOr<ChangeFilter> ChangeFilter::Create(Viewer viewer, const v1::WatchRequest& request) {
  FieldViolations violations;
  ChangeFilter filter(std::move(viewer));
  const auto kinds = KindsOf({request.kinds().begin(), request.kinds().end()});
  if (kinds.ok()) {
    filter.kinds_.insert(kinds->begin(), kinds->end());
  }
  violations.AddAll("", kinds.status());
  if (request.names_size() > kMaxNames) {
    violations.Add("names", absl::StrCat("must be at most ", kMaxNames));
  }
  for (int i = 0; i < request.names_size() && i < kMaxNames; ++i) {
    if (!ParseResourceName(request.names(i)).ok()) {
      violations.Add(absl::StrCat("names[", i, "]"), "is not the name of a resource");
    }
    filter.names_.insert(request.names(i));
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return filter;
}

bool ChangeFilter::Wants(const v1::Change& change) const {
  const auto kind = KindOf(change.has_after() ? change.after() : change.before());
  return (kinds_.empty() || (kind.has_value() && kinds_.count(*kind) > 0)) &&
         (names_.empty() || names_.count(change.name()) > 0);
}

void ChangeFilter::Apply(v1::ChangeSet& set) const {
  google::protobuf::RepeatedPtrField<v1::Change> all;
  all.Swap(set.mutable_changes());
  for (v1::Change& change : all) {
    if (!Wants(change)) {
      continue;
    }
    if (auto seen = ChangeSeenBy(viewer_, std::move(change)); seen.has_value()) {
      *set.add_changes() = *std::move(seen);
    }
  }
}

}  // namespace orewatch::registry
