// Which of several tables of reserves is read.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/risk/domain/dataset_order.h"
#include "services/risk/domain/facts.h"

namespace orewatch::risk {

using ReservesFacts = std::map<ReservesKey, Figure>;
using ReservesSeries = std::vector<std::pair<const ReservesKey*, const Figure*>>;

// The rows of a mineral in tonnes on the basis and scope of production: of the most trusted dataset its latest year. Of
// several products the first by name. They live in the facts.
ReservesSeries ChooseReserves(const ReservesFacts& facts, const std::string& mineral, const ProductionKey& production,
                              const DatasetOrder& datasets);

}  // namespace orewatch::risk
