// The parameter set of a process, from its flags: --parameter_set, --parameters, --datasets, --trade_datasets,
// --world_trade_datasets and --importers. Linking this defines the flags.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

// INVALID_ARGUMENT naming each flag whose entry cannot be meant: an importer that is neither countries/XX nor
// blocs/ID, an empty or repeated dataset, a `*` before the end; and --parameter_set if the set still bears the name of
// the default one although it reads other datasets, or has other bands, main forms or imputed governance.
absl::Status CheckParameters(const Parameters& parameters);

// Checked.
absl::StatusOr<Parameters> ParametersFromFlags();

}  // namespace orewatch::risk
