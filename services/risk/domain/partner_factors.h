// How a country fares as a partner, factor by factor.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/diversification.h"
#include "services/risk/domain/partner_evidence.h"

namespace orewatch::risk {

// The evidence outlives it.
class PartnerFactors {
 public:
  explicit PartnerFactors(const PartnerEvidence& evidence) : evidence_(evidence) {}

  // Those that apply at the stage, in the order of their numbers. `supply`: by the horizon.
  std::vector<PartnerFactorFinding> Of(const std::string& country, const FreeSupply& supply) const;
  // With what is usual in place of what nobody knows. Nothing: no trade, or nothing free is known.
  std::optional<Move> MoveTo(const std::string& country, std::optional<double> free_tonnes) const;

 private:
  // What is taken for those among the sources whom nobody knows. The more of either, the more a move is worth.
  struct Unknowns {
    double governance = 0;
    double concentration_of_unnamed = 0;
  };

  PartnerFactorFinding Endowment(const std::string& country) const;
  PartnerFactorFinding Output(const std::string& country) const;
  PartnerFactorFinding Governance(const std::string& country) const;
  PartnerFactorFinding Expertise(const std::string& country) const;
  PartnerFactorFinding Agreements(const std::string& country) const;
  PartnerFactorFinding FreeTonnes(const FreeSupply& supply) const;
  PartnerFactorFinding RiskFall(const std::string& country, const FreeSupply& supply) const;
  // Bounds of the fall with tonnes that are known.
  ScaledFactor Fall(const std::string& country, double free_tonnes, double fall) const;
  std::optional<Move> MoveTo(const std::string& country, std::optional<double> free_tonnes,
                             const Unknowns& unknowns) const;

  const PartnerEvidence& evidence_;
};

}  // namespace orewatch::risk
