#include "services/risk/domain/trade_policy.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace orewatch::risk {
namespace {

constexpr char kBlocPrefix[] = "blocs/";

std::string LastSegment(const std::string& name) { return name.substr(name.find('/') + 1); }

// Whether a period that begins with `date`, as far as it is known, has begun.
bool Begun(const std::string& date, const std::string& today) { return !date.empty() && date <= today; }

// Whether a day, month or year is reached (a full date) or wholly past (a month or year).
bool Over(const std::string& date, const std::string& today) {
  if (date.empty()) {
    return false;
  }
  const std::string same_precision = today.substr(0, date.size());
  return date.size() == today.size() ? date <= today : date < same_precision;
}

bool Intersect(const std::vector<std::string>& named, const std::set<std::string>& used) {
  return std::any_of(named.begin(), named.end(), [&](const std::string& one) { return used.count(one) > 0; });
}

// A measure that names nothing covers everything; where nobody knows what is traded, it may cover that.
bool MayMeet(const std::vector<std::string>& named, const std::set<std::string>& used) {
  return named.empty() || used.empty() || Intersect(named, used);
}

bool AimedAt(const std::set<std::string>& destinations, const ImporterView& importer) {
  if (destinations.empty() || destinations.count(importer.id) > 0) {
    return true;
  }
  for (const std::string& member : importer.members) {
    if (destinations.count(member) > 0) {
      return true;
    }
  }
  return false;
}

bool Restricts(const Restriction& restriction, const std::string& exporter, const ImporterView& importer,
               const TradedForms& forms, const TradePolicy& policy) {
  return restriction.imposer == exporter && InForce(restriction, policy.today) && Covers(restriction, forms) &&
         AimedAt(restriction.destinations, importer);
}

Relation LargestRestriction(const std::string& exporter, const ImporterView& importer, const TradedForms& forms,
                            const TradePolicy& policy, const TradeFactors& factors) {
  Relation largest;
  for (const auto& [name, restriction] : policy.restrictions) {
    if (Restricts(restriction, exporter, importer, forms, policy) &&
        (largest.because.empty() || factors.Of(restriction.kind) > factors.Of(largest.kind))) {
      largest = {restriction.kind, name};
    }
  }
  return largest;
}

// Named itself, or a member of a bloc that is.
bool IsParty(const TradeAgreement& agreement, const std::string& id, const TradePolicy& policy) {
  if (agreement.parties.count(id) > 0) {
    return true;
  }
  for (const std::string& party : agreement.parties) {
    if (MembersOn(policy, absl::StrCat(kBlocPrefix, party), policy.today).count(id) > 0) {
      return true;
    }
  }
  return false;
}

bool Binds(const TradeAgreement& agreement, const std::string& exporter, const ImporterView& importer,
           const TradedForms& forms, const TradePolicy& policy) {
  return InForce(agreement, policy.today) && IsBetween(agreement, exporter, importer, forms.series.mineral, policy);
}

Relation AgreementWith(const std::string& exporter, const ImporterView& importer, const TradedForms& forms,
                       const TradePolicy& policy) {
  for (const auto& [name, agreement] : policy.agreements) {
    if (Binds(agreement, exporter, importer, forms, policy)) {
      return {TradeRelation::kAgreement, name};
    }
  }
  return {};
}

}  // namespace

bool InForce(const Restriction& restriction, const std::string& today) {
  const bool suspended = Begun(restriction.suspended, today) && !Begun(restriction.suspended_until, today);
  return Begun(restriction.effective, today) && !suspended && !Over(restriction.ended, today);
}

bool InForce(const TradeAgreement& agreement, const std::string& today) {
  return Begun(agreement.in_force, today) && !Over(agreement.ended, today);
}

bool Ended(const TradeAgreement& agreement, const std::string& today) { return Over(agreement.ended, today); }

std::set<std::string> MembersOn(const TradePolicy& policy, const std::string& bloc, const std::string& date) {
  std::set<std::string> members;
  const auto found = policy.blocs.find(bloc);
  if (found == policy.blocs.end()) {
    return members;
  }
  for (const Membership& membership : found->second) {
    if (membership.from <= date && !Over(membership.to, date)) {
      members.insert(membership.country);
    }
  }
  return members;
}

Provenance ProvenanceOf(const TradePolicy& policy, const std::string& name) {
  if (const auto found = policy.restrictions.find(name); found != policy.restrictions.end()) {
    return found->second.provenance;
  }
  const auto found = policy.agreements.find(name);
  return found == policy.agreements.end() ? Provenance() : found->second.provenance;
}

ImporterView ViewOf(const std::string& importer, const TradePolicy& policy, int year) {
  if (!absl::StartsWith(importer, kBlocPrefix)) {
    return {LastSegment(importer), {LastSegment(importer)}};
  }
  // Who was a member when the year ended counts for the whole of it.
  return {LastSegment(importer), MembersOn(policy, importer, absl::StrCat(year, "-12-31")), true};
}

bool Covers(const Restriction& restriction, const TradedForms& forms) {
  // What names no mineral is known by its codes alone.
  const bool meant =
      restriction.mineral.empty() ? Intersect(restriction.hs6, forms.hs6) : restriction.mineral == forms.series.mineral;
  if (restriction.kind == TradeRelation::kNone || !meant ||
      (restriction.stage != 0 && restriction.stage != forms.series.stage)) {
    return false;
  }
  const std::vector<std::string> products(restriction.product.empty() ? 0 : 1, restriction.product);
  return MayMeet(restriction.hs6, forms.hs6) && MayMeet(products, forms.products);
}

bool IsBetween(const TradeAgreement& agreement, const std::string& exporter, const ImporterView& importer,
               const std::string& mineral, const TradePolicy& policy) {
  return IsParty(agreement, exporter, policy) && IsParty(agreement, importer.id, policy) &&
         (agreement.minerals.empty() || agreement.minerals.count(mineral) > 0);
}

std::vector<std::string> InForceBetween(const std::string& exporter, const ImporterView& importer,
                                        const TradedForms& forms, const TradePolicy& policy) {
  std::vector<std::string> names;
  for (const auto& [name, restriction] : policy.restrictions) {
    if (Restricts(restriction, exporter, importer, forms, policy)) {
      names.push_back(name);
    }
  }
  for (const auto& [name, agreement] : policy.agreements) {
    if (Binds(agreement, exporter, importer, forms, policy)) {
      names.push_back(name);
    }
  }
  return names;
}

Relation RelationOf(const std::string& exporter, const ImporterView& importer, const TradedForms& forms,
                    const TradePolicy& policy, const TradeFactors& factors) {
  if (importer.members.count(exporter) > 0) {
    return {TradeRelation::kMember, ""};
  }
  Relation restriction = LargestRestriction(exporter, importer, forms, policy, factors);
  const bool mitigable = restriction.kind == TradeRelation::kNone || restriction.kind == TradeRelation::kExportTax;
  if (mitigable) {
    if (Relation agreement = AgreementWith(exporter, importer, forms, policy); !agreement.because.empty()) {
      return agreement;
    }
  }
  return restriction;
}

}  // namespace orewatch::risk
