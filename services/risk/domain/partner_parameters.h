// What ranks partners (partners.h) where a caller does not say.
#pragma once

#include <map>
#include <string>

namespace orewatch::risk {

// Numbers of orewatch.risk.v1.PartnerFactor.
enum class PartnerFactor {
  kEndowment = 1,
  kOutput = 2,
  kGovernance = 3,
  kExpertise = 4,
  kAgreements = 5,
  kFreeTonnes = 6,
  kRiskFall = 7,
};
using PartnerWeights = std::map<PartnerFactor, double>;

struct PartnerParameters {
  std::string name = "partners";
  std::string edition = "1";
  PartnerWeights weights = {{PartnerFactor::kEndowment, 1},  {PartnerFactor::kOutput, 1},
                            {PartnerFactor::kGovernance, 1}, {PartnerFactor::kExpertise, 1},
                            {PartnerFactor::kAgreements, 1}, {PartnerFactor::kFreeTonnes, 1},
                            {PartnerFactor::kRiskFall, 1}};
  bool operator==(const PartnerParameters&) const = default;
};

}  // namespace orewatch::risk
