#include "services/risk/api/chain_subject.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"

namespace orewatch::risk {
namespace {

constexpr size_t kMaxNameBytes = 1024;

bool HasForm(const std::string& name, const std::vector<std::string>& collections) {
  if (name.size() > kMaxNameBytes) {
    return false;
  }
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() != 2 * collections.size()) {
    return false;
  }
  for (size_t i = 0; i < collections.size(); ++i) {
    if (parts[2 * i] != collections[i] || parts[2 * i + 1].empty()) {
      return false;
    }
  }
  return true;
}

// A supplier with its facilities; without itself where it takes part by these alone.
std::set<std::string> WithFacilities(const ChainView& view, const std::string& name) {
  std::set<std::string> names = view.FacilitiesOf(name);
  if (names.empty() || !view.LinksTo(name).empty()) {
    names.insert(name);
  }
  return names;
}

absl::StatusOr<ChainSubject> SubjectOfRequirement(const ChainView& view, const std::string& name) {
  const RequirementFact* requirement = view.Requirement(name);
  if (requirement == nullptr) {
    return NoSuchName(name);
  }
  ChainSubject subject{{}, requirement->mineral, requirement->product, requirement->tonnes_per_year};
  if (IsSupplier(requirement->holder)) {
    subject.names = WithFacilities(view, requirement->holder);
  } else if (IsFacility(requirement->holder)) {
    subject.names = {requirement->holder};
  } else {
    return MakeError(absl::StatusCode::kFailedPrecondition, "HOLDER_WITHOUT_CHAIN",
                     absl::StrCat(name, " is held by ", requirement->holder, ", which has no chain of its own"),
                     {{"holder", requirement->holder}});
  }
  return subject;
}

absl::Status CheckMineral(const std::string& mineral) {
  if (mineral.empty()) {
    return InvalidField("mineral", "must be given");
  }
  return HasForm(mineral, {"minerals"}) ? absl::OkStatus() : InvalidField("mineral", "is no name of a mineral");
}

}  // namespace

bool IsFacility(const std::string& name) { return HasForm(name, {"suppliers", "facilities"}); }
bool IsSupplier(const std::string& name) { return HasForm(name, {"suppliers"}); }

absl::Status NoSuchName(const std::string& name) {
  return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat("there is no ", name), {{"name", name}});
}

absl::Status ChainTooLarge(size_t max_links) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "CHAIN_TOO_LARGE",
                   absl::StrCat("more than ", max_links, " links would have to be looked at"),
                   {{"max_links", absl::StrCat(max_links)}});
}

absl::StatusOr<ChainSubject> SubjectOf(const ChainView& view, const std::string& name, const std::string& mineral,
                                       const std::string& product) {
  if (!mineral.empty()) {
    OREWATCH_RETURN_IF_ERROR(CheckMineral(mineral));
  }
  if (HasForm(name, {"requirements"})) {
    if (!mineral.empty() || !product.empty()) {
      return InvalidField(mineral.empty() ? "product" : "mineral", "is said by the requirement");
    }
    return SubjectOfRequirement(view, name);
  }
  if (!IsFacility(name) && !IsSupplier(name)) {
    return InvalidField("subject", "is no name of a facility, supplier or requirement");
  }
  if (!view.Knows(name)) {
    return NoSuchName(name);
  }
  return ChainSubject{IsSupplier(name) ? WithFacilities(view, name) : std::set<std::string>{name}, mineral, product,
                      std::nullopt};
}

absl::StatusOr<NodeKey> NodeKeyOf(const ChainView& view, const std::string& name, const std::string& mineral) {
  OREWATCH_RETURN_IF_ERROR(CheckMineral(mineral));
  if (!IsFacility(name) && !IsSupplier(name)) {
    return InvalidField("subject", "is no name of a facility or supplier");
  }
  if (!view.Knows(name)) {
    return NoSuchName(name);
  }
  return NodeKey{name, mineral};
}

}  // namespace orewatch::risk
