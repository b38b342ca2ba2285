#include "services/risk/parameter_flags.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/hash/sha256.h"
#include "common/status/status.h"
#include "services/risk/parameter_file.h"

ABSL_FLAG(std::string, parameter_set, orewatch::risk::Parameters().name,
          "Name of the set of parameters; every score carries it. Reading other datasets needs another name, and so do "
          "other bands, main forms or imputed governance.");
ABSL_FLAG(std::string, parameters, "",
          "File with the constants of the methods, a ServiceParameters in text format; empty: the defaults. A method's "
          "set with other figures needs another name.");
ABSL_FLAG(std::vector<std::string>, datasets, orewatch::risk::Parameters().datasets,
          "Datasets of production, most trusted first; name-* is every edition of a family, the newest first.");
ABSL_FLAG(std::vector<std::string>, trade_datasets, orewatch::risk::Parameters().trade_datasets,
          "Datasets of trade, most trusted first, as in --datasets.");
ABSL_FLAG(std::vector<std::string>, world_trade_datasets, orewatch::risk::Parameters().world_trade_datasets,
          "Datasets of trade, as in --datasets, that hold the trade between all countries.");
ABSL_FLAG(std::vector<std::string>, importers, orewatch::risk::Parameters().importers,
          "Countries (countries/JP) and blocs (blocs/EU) whose supply risk is kept current.");

ABSL_FLAG(std::vector<std::string>, dataset_max_ages, {"*=1095"},
          "How many days old the newest figures of a family of datasets may be, for the metric of that name: "
          "usgs-mcs=800,*=1095. * is for those without an entry.");

namespace orewatch::risk {
namespace {

constexpr size_t kCountryCodeLength = 2;
constexpr int kMostDays = 36'500;
constexpr size_t kDigestLength = 12;

// Of everything that the set was given by.
std::string DigestOf(const Parameters& parameters) {
  std::string text = absl::StrCat(parameters.name, "\n", absl::StrJoin(parameters.datasets, ","), "\n",
                                  absl::StrJoin(parameters.trade_datasets, ","), "\n",
                                  absl::StrJoin(parameters.world_trade_datasets, ","), "\n",
                                  absl::StrJoin(parameters.importers, ","), "\n");
  if (const std::string path = absl::GetFlag(FLAGS_parameters); !path.empty()) {
    std::ifstream file(path);
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  return absl::BytesToHexString(Sha256Of(text)).substr(0, kDigestLength);
}

bool IsImporterName(absl::string_view name) {
  if (absl::ConsumePrefix(&name, "countries/")) {
    return name.size() == kCountryCodeLength && std::all_of(name.begin(), name.end(), absl::ascii_isupper);
  }
  return absl::ConsumePrefix(&name, "blocs/") && !name.empty() && !absl::StrContains(name, "/");
}

void CheckImporters(const std::vector<std::string>& importers, FieldViolations& violations) {
  for (const std::string& importer : importers) {
    if (!IsImporterName(importer)) {
      violations.Add("--importers", absl::StrCat("\"", importer, "\" is neither countries/XX nor blocs/ID"));
    }
  }
}

void CheckOrder(const char* flag, const DatasetOrder& order, FieldViolations& violations) {
  std::set<std::string> seen;
  for (const std::string& entry : order) {
    if (entry.empty() || entry == "*") {
      violations.Add(flag, "must not have an entry without a name");
    } else if (absl::StrContains(absl::StripSuffix(entry, "*"), "*")) {
      violations.Add(flag, absl::StrCat("\"", entry, "\" has a * that is not its end"));
    } else if (!seen.insert(entry).second) {
      violations.Add(flag, absl::StrCat("\"", entry, "\" is there twice"));
    }
  }
}

}  // namespace

absl::Status CheckParameters(const Parameters& parameters) {
  FieldViolations violations;
  CheckImporters(parameters.importers, violations);
  CheckOrder("--datasets", parameters.datasets, violations);
  CheckOrder("--trade_datasets", parameters.trade_datasets, violations);
  CheckOrder("--world_trade_datasets", parameters.world_trade_datasets, violations);
  const Parameters defaults;
  const bool is_another = parameters.imputed_governance != defaults.imputed_governance ||
                          parameters.thresholds != defaults.thresholds || parameters.main_forms != defaults.main_forms;
  const bool reads_others = parameters.datasets != defaults.datasets ||
                            parameters.trade_datasets != defaults.trade_datasets ||
                            parameters.world_trade_datasets != defaults.world_trade_datasets;
  if (parameters.name.empty()) {
    violations.Add("--parameter_set", "must not be empty");
  } else if ((reads_others || is_another) && parameters.name == defaults.name) {
    violations.Add("--parameter_set", absl::StrCat("must not be \"", defaults.name, "\" for a set that ",
                                                   reads_others ? "reads other datasets"
                                                                : "has other bands, main forms or imputed governance"));
  }
  return violations.ToStatus();
}

absl::StatusOr<Parameters> ParametersFromFlags() {
  Parameters parameters;
  parameters.name = absl::GetFlag(FLAGS_parameter_set);
  parameters.datasets = absl::GetFlag(FLAGS_datasets);
  parameters.trade_datasets = absl::GetFlag(FLAGS_trade_datasets);
  parameters.world_trade_datasets = absl::GetFlag(FLAGS_world_trade_datasets);
  parameters.importers = absl::GetFlag(FLAGS_importers);
  if (const std::string path = absl::GetFlag(FLAGS_parameters); !path.empty()) {
    OREWATCH_ASSIGN_OR_RETURN(parameters, WithParameterFile(path, std::move(parameters)));
  }
  OREWATCH_RETURN_IF_ERROR(CheckParameters(parameters));
  parameters.digest = DigestOf(parameters);
  return parameters;
}

absl::StatusOr<DatasetAges> ParseDatasetAges(const std::vector<std::string>& entries) {
  FieldViolations violations;
  DatasetAges ages;
  for (const std::string& entry : entries) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(entry, absl::MaxSplits('=', 1));
    int days = 0;
    if (parts.first.empty() || !absl::SimpleAtoi(parts.second, &days) || days < 1 || days > kMostDays) {
      violations.Add("--dataset_max_ages", absl::StrCat("\"", entry, "\" is not FAMILY=DAYS with 1 to ", kMostDays));
    } else if (!ages.emplace(parts.first, absl::Hours(24) * days).second) {
      violations.Add("--dataset_max_ages", absl::StrCat("\"", parts.first, "\" is there twice"));
    }
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return ages;
}

absl::StatusOr<DatasetAges> DatasetAgesFromFlags() { return ParseDatasetAges(absl::GetFlag(FLAGS_dataset_max_ages)); }

}  // namespace orewatch::risk
