// The flags of orewatchctl and the environment behind them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/ctl/cli/session.h"

namespace orewatch::ctl {

// Whether a flag is a switch; nothing: there is no such flag of ours.
absl::optional<bool> IsSwitchFlag(absl::string_view name);

// Flags that every command takes.
const std::vector<absl::string_view>& GlobalFlags();

// `  --name  what it does` for each name.
std::string FlagsHelp(const std::vector<absl::string_view>& names);

// Sets `accepted` flags from OREWATCH_<NAME> and then from the command line, and returns all as values. Usage errors: a
// flag that is not accepted, or a bad value, with where it came from. Sets global state: keep an absl::FlagSaver around
// it.
absl::StatusOr<Options> ReadOptions(const std::vector<std::pair<std::string, std::string>>& flags,
                                    const std::vector<absl::string_view>& accepted,
                                    absl::FunctionRef<const char*(const char*)> environment);

}  // namespace orewatch::ctl
