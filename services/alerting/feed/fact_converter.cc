#include "services/alerting/feed/fact_converter.h"

#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "orewatch/alerting/v1/happening.pb.h"
#include "services/alerting/domain/happening.h"
#include "services/alerting/feed/fact_concerns.h"
#include "services/alerting/feed/fact_spells.h"
#include "services/alerting/record/visibility_message.h"

namespace orewatch::alerting {
namespace {

using registry::v1::Change;
using registry::v1::Entry;
using registry::v1::Owner;

// Who, with which share, and whether the last in the chain.
using Owners = std::set<std::tuple<std::string, std::optional<double>, bool>>;

template <typename Resource>
Fact NamedAs(const Resource& resource) {
  return {.resource = resource.name(), .revision = resource.metadata().revision().number()};
}

template <typename Resource>
Fact KnownTo(const Resource& resource) {
  Fact fact = NamedAs(resource);
  fact.visibility = FromProto(resource.visibility());
  return fact;
}

std::optional<Fact> Bare(const Entry& entry) {
  switch (entry.value_case()) {
    case Entry::kSupplier:
      return KnownTo(entry.supplier());
    case Entry::kFacility:
      return KnownTo(entry.facility());
    case Entry::kProject:
      return KnownTo(entry.project());
    case Entry::kAgreement:
      return KnownTo(entry.agreement());
    case Entry::kMeasure:
      return NamedAs(entry.measure());
    case Entry::kStockpile:
      return KnownTo(entry.stockpile());
    case Entry::kEvent:
      return KnownTo(entry.event());
    default:
      return std::nullopt;
  }
}

template <typename Resource>
Owners OwnersIn(const Resource& resource) {
  Owners owners;
  for (const Owner& owner : resource.owners()) {
    owners.emplace(owner.supplier().empty() ? owner.display_name() : owner.supplier(),
                   owner.has_share() ? std::optional<double>(owner.share()) : std::nullopt, owner.ultimate());
  }
  return owners;
}

// Nothing: not known, or the entry is of a kind without owners. A facility that names none has its parent.
std::optional<Owners> OwnersOf(const Entry& entry) {
  if (entry.has_facility()) {
    return OwnersIn(entry.facility());
  }
  if (entry.has_supplier() && entry.supplier().owners_size() > 0) {
    return OwnersIn(entry.supplier());
  }
  return std::nullopt;
}

bool ChangesOwners(const Change& change, const Visibility& now) {
  const std::optional<Owners> before = OwnersOf(change.before());
  const std::optional<Owners> after = OwnersOf(change.after());
  const std::optional<Fact> earlier = Bare(change.before());
  return before.has_value() && after.has_value() && *before != *after && earlier->visibility.AdmitsAllOf(now);
}

// A thing that comes with a status has had it before.
void KeepStatusOld(std::vector<Spell>& spells) {
  for (Spell& spell : spells) {
    const int hundred = HundredOf(spell.state);
    const bool is_status = hundred == HundredOf(v1::Happening::STATE_FACILITY_CLOSED) ||
                           hundred == HundredOf(v1::Happening::STATE_PROJECT_CANCELLED);
    if (is_status) {
      spell.from = absl::InfinitePast();
    }
  }
}

}  // namespace

std::optional<Fact> FactOf(const Entry& entry) {
  std::optional<Fact> fact = Bare(entry);
  if (fact.has_value()) {
    fact->concerns = ConcernsOf(entry);
    fact->spells = SpellsOf(entry);
    fact->unknown = UnknownOf(entry);
  }
  return fact;
}

std::optional<Fact> FactOf(const Change& change, absl::Time commit_time) {
  std::optional<Fact> fact = FactOf(change.after());
  if (fact.has_value() && !change.has_before()) {
    KeepStatusOld(fact->spells);
  }
  if (fact.has_value() && ChangesOwners(change, fact->visibility)) {
    fact->spells.push_back({.state = kOwnerChanged, .from = commit_time});
  }
  return fact;
}

}  // namespace orewatch::alerting
