#include "services/risk/domain/partner_order.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace orewatch::risk {
namespace {

std::vector<RankingCandidate> CandidatesBy(ScaledFactor PartnerFactorFinding::*scale,
                                           const std::vector<Partner>& partners) {
  std::vector<RankingCandidate> candidates;
  candidates.reserve(partners.size());
  for (const Partner& partner : partners) {
    RankingCandidate& candidate = candidates.emplace_back(RankingCandidate{partner.ranked.country, {}});
    for (const PartnerFactorFinding& finding : partner.factors) {
      candidate.factors.push_back(finding.*scale);
    }
  }
  return candidates;
}

}  // namespace

std::vector<PartnerFactor> DropWhatIsKnownOfNobody(std::vector<Partner>& partners) {
  std::vector<PartnerFactor> dropped;
  for (size_t i = 0; !partners.empty() && i < partners.front().factors.size(); ++i) {
    if (std::any_of(partners.begin(), partners.end(), [&](const Partner& one) { return one.factors[i].on_scale; })) {
      continue;
    }
    dropped.push_back(partners.front().factors[i].factor);
    for (Partner& partner : partners) {
      partner.factors[i].ranked = {0, 0, 0, {}};
    }
  }
  return dropped;
}

std::vector<Partner> InOrder(std::vector<Partner> partners, const std::vector<double>& weights) {
  std::vector<RankedCandidate> order = RankByFactors(CandidatesBy(&PartnerFactorFinding::ranked, partners), weights);
  std::vector<RankedCandidate> at_most = RankByFactors(CandidatesBy(&PartnerFactorFinding::scaled, partners), weights);
  std::map<std::string, Partner> by_country;
  for (Partner& partner : partners) {
    const std::string country = partner.ranked.country;
    by_country[country] = std::move(partner);
  }
  for (RankedCandidate& one : at_most) {
    by_country.at(one.country).at_most = std::move(one);
  }
  std::vector<Partner> ordered;
  ordered.reserve(order.size());
  for (RankedCandidate& one : order) {
    Partner& partner = by_country.at(one.country);
    for (size_t i = 0; i < partner.factors.size(); ++i) {
      partner.factors[i].contribution = one.contributions[i];
    }
    partner.ranked = std::move(one);
    ordered.push_back(std::move(partner));
  }
  return ordered;
}

}  // namespace orewatch::risk
