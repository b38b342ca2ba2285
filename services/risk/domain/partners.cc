#include "services/risk/domain/partners.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/calendar.h"
#include "services/risk/domain/partner_evidence.h"
#include "services/risk/domain/partner_factors.h"
#include "services/risk/domain/partner_order.h"

namespace orewatch::risk {
namespace {

void DropExcluded(const PartnerEvidence& seen, std::set<std::string>& countries) {
  std::set<std::string> excluded = seen.importer.members;
  for (const std::string& name : seen.query.exclusions) {
    const ImporterView view = ViewOf(name, seen.policy, YearOf(seen.policy.today));
    excluded.insert(view.members.begin(), view.members.end());
  }
  for (auto it = countries.begin(); it != countries.end();) {
    const bool known = seen.world.countries->count(absl::StrCat("countries/", *it)) > 0;
    it = !known || excluded.count(*it) > 0 ? countries.erase(it) : std::next(it);
  }
}

std::set<std::string> Candidates(const PartnerEvidence& seen) {
  std::set<std::string> countries = seen.supply.countries();
  const auto add = [&](const Shares& shares) {
    for (const Share& share : shares.named) {
      if (share.value > 0) {
        countries.insert(share.country);
      }
    }
    countries.insert(shares.unknown.begin(), shares.unknown.end());
  };
  add(seen.reserve_shares);
  add(seen.output);
  // Who digs may come to refine; who refines has no ore for it.
  for (const ProductionSeries& output : seen.AtTheMine() ? std::vector<ProductionSeries>() : seen.stages) {
    add(SharesOf(output.measure, output.PartsIn(output.latest_year())));
  }
  DropExcluded(seen, countries);
  return countries;
}

std::vector<PartnerYearFinding> YearsOf(const PartnerEvidence& seen, const PartnerFactors& factors,
                                        const std::string& country) {
  std::vector<PartnerYearFinding> years;
  for (int year = YearOf(seen.policy.today); year <= seen.query.horizon_year; ++year) {
    const FreeSupply supply = seen.FreeBy(country, year);
    PartnerYearFinding finding{year, supply.total(), supply.uncommitted_tonnes, supply.risked_project_tonnes, {}, {}};
    if (const auto move = factors.MoveTo(country, supply.total())) {
      finding.moved_share = move->share;
      finding.risk_fall = move->fall;
    }
    years.push_back(finding);
  }
  return years;
}

std::vector<std::string> OtherActs(const PartnerEvidence& seen, const std::string& country,
                                   const std::string& deciding) {
  std::vector<std::string> names = InForceBetween(country, seen.importer, seen.forms, seen.policy);
  for (std::string& name :
       InForceBetween(country, seen.importer, seen.forms, seen.at_end_of.at(seen.query.horizon_year))) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  for (const auto& [name, record] : *seen.world.projects.agreements) {
    if (!record.binding && record.readers.Include(seen.query.principal) &&
        !Ended(record.agreement, seen.policy.today) &&
        IsBetween(record.agreement, country, seen.importer, seen.query.series.mineral, seen.policy)) {
      names.push_back(name);
    }
  }
  names.erase(std::remove(names.begin(), names.end(), deciding), names.end());
  return names;
}

// The act that decides how the country and the importer trade; empty: none does.
std::string DecidingAct(const std::vector<PartnerFactorFinding>& findings) {
  const auto agreements = std::find_if(findings.begin(), findings.end(), [](const PartnerFactorFinding& finding) {
    return finding.factor == PartnerFactor::kAgreements;
  });
  return agreements->resources.empty() ? "" : agreements->resources.front();
}

Partner Describe(const PartnerEvidence& seen, const std::string& country) {
  const PartnerFactors factors(seen);
  Partner partner;
  partner.ranked.country = country;
  partner.factors = factors.Of(country, seen.FreeBy(country, seen.query.horizon_year));
  partner.years = YearsOf(seen, factors, country);
  partner.other_resources = OtherActs(seen, country, DecidingAct(partner.factors));
  return partner;
}

}  // namespace

PartnerRanking RankPartners(const World& world, const PartnerQuery& query) {
  const PartnerEvidence seen(world, query);
  PartnerRanking ranking;
  ranking.risk = seen.risk;
  ranking.imports_tonnes = seen.imports_tonnes;
  ranking.basis = seen.basis;
  ranking.imports_year = seen.imports_year;
  ranking.reasons = seen.reasons;
  std::vector<double> weights;
  for (const auto& [factor, weight] : query.weights) {
    if (seen.Includes(factor)) {
      ranking.weights[factor] = weight;
      weights.push_back(weight);
    }
  }
  std::vector<Partner> partners;
  for (const std::string& country : Candidates(seen)) {
    partners.push_back(Describe(seen, country));
  }
  ranking.not_ranked_on = DropWhatIsKnownOfNobody(partners);
  ranking.partners = InOrder(std::move(partners), weights);
  return ranking;
}

}  // namespace orewatch::risk
