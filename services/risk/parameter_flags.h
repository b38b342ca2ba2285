// The parameter set of a process, from its flags: --parameter_set, --parameters, --datasets, --trade_datasets,
// --world_trade_datasets and --importers; and --dataset_max_ages. Linking this defines the flags.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/risk/dataset_ages.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

// INVALID_ARGUMENT naming each flag whose entry cannot be meant: an importer that is neither countries/XX nor
// blocs/ID, an empty or repeated dataset, a `*` before the end; and --parameter_set if the set still bears the name of
// the default one although it reads other datasets, or has other bands, main forms or imputed governance.
absl::Status CheckParameters(const Parameters& parameters);

// Checked.
absl::StatusOr<Parameters> ParametersFromFlags();

// From --dataset_max_ages. INVALID_ARGUMENT naming it.
absl::StatusOr<DatasetAges> DatasetAgesFromFlags();
absl::StatusOr<DatasetAges> ParseDatasetAges(const std::vector<std::string>& entries);

}  // namespace orewatch::risk
