#include "services/risk/domain/trade_policy.h"

namespace orewatch::risk {
namespace {

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
  for (const std::string& one : named) {
    if (used.count(one) > 0) {
      return true;
    }
  }
  return named.empty();
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

Relation LargestRestriction(const std::string& exporter, const ImporterView& importer, const TradedForms& forms,
                            const TradePolicy& policy, const TradeFactors& factors) {
  Relation largest;
  for (const auto& [name, restriction] : policy.restrictions) {
    if (restriction.imposer == exporter && InForce(restriction, policy.today) && Covers(restriction, forms) &&
        AimedAt(restriction.destinations, importer) &&
        (largest.because.empty() || factors.Of(restriction.kind) > factors.Of(largest.kind))) {
      largest = {restriction.kind, name};
    }
  }
  return largest;
}

Relation AgreementWith(const std::string& exporter, const ImporterView& importer, const TradedForms& forms,
                       const TradePolicy& policy) {
  for (const auto& [name, agreement] : policy.agreements) {
    if (InForce(agreement, policy.today) && agreement.parties.count(exporter) > 0 &&
        agreement.parties.count(importer.id) > 0 &&
        (agreement.minerals.empty() || agreement.minerals.count(forms.series.mineral) > 0)) {
      return {TradeRelation::kAgreement, name};
    }
  }
  return {};
}

}  // namespace

bool InForce(const Restriction& restriction, const std::string& today) {
  return Begun(restriction.effective, today) && !Begun(restriction.suspended, today) && !Over(restriction.ended, today);
}

bool InForce(const TradeAgreement& agreement, const std::string& today) {
  return Begun(agreement.in_force, today) && !Over(agreement.ended, today);
}

bool Covers(const Restriction& restriction, const TradedForms& forms) {
  if (restriction.kind == TradeRelation::kNone ||
      (restriction.mineral.empty() ? restriction.hs6.empty() : restriction.mineral != forms.series.mineral) ||
      (restriction.stage != 0 && restriction.stage != forms.series.stage)) {
    return false;
  }
  return Intersect(restriction.hs6, forms.hs6) &&
         (restriction.product.empty() || forms.products.count(restriction.product) > 0);
}

Relation RelationOf(const std::string& exporter, const ImporterView& importer, const TradedForms& forms,
                    const TradePolicy& policy, const TradeFactors& factors) {
  if (importer.members.count(exporter) > 0) {
    return {TradeRelation::kMember, ""};
  }
  const Relation restriction = LargestRestriction(exporter, importer, forms, policy, factors);
  const bool mitigable = restriction.kind == TradeRelation::kNone || restriction.kind == TradeRelation::kExportTax;
  if (mitigable) {
    if (const Relation agreement = AgreementWith(exporter, importer, forms, policy); !agreement.because.empty()) {
      return agreement;
    }
  }
  return restriction;
}

}  // namespace orewatch::risk
