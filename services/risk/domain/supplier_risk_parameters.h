// Weights of the risk of suppliers (supplier_risk.h).
#pragma once

#include <string>

namespace orewatch::risk {

struct SupplierRiskParameters {
  std::string name = "orewatch-supplier-2026";
  std::string edition = "1";
  // Weights of at least 0, not all 0; only their proportions count.
  double place = 0.20;
  double control = 0.20;
  double findings = 0.25;
  double handled = 0.15;
  double sources = 0.20;
  bool operator==(const SupplierRiskParameters&) const = default;
};

}  // namespace orewatch::risk
