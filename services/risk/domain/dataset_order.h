// Which dataset is read where several tell of the same thing. Datasets are never summed.
#pragma once

#include <string>
#include <vector>

namespace orewatch::risk {

// Most trusted first. An entry is the id of a dataset, or of a family: `usgs-mcs-*` is every dataset whose id begins
// with `usgs-mcs-`, of which the newest edition, the last by name, comes first. What no entry names follows by name.
using DatasetOrder = std::vector<std::string>;

// The entry is the dataset's id, or its family's.
bool NamesDataset(const std::string& entry, const std::string& dataset);
bool NamesDataset(const DatasetOrder& order, const std::string& dataset);

// `a` is read rather than `b`. A strict order.
bool IsPreferred(const DatasetOrder& order, const std::string& a, const std::string& b);

}  // namespace orewatch::risk
