#include "services/ctl/commands/subject.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/import/countries.h"
#include "services/ctl/import/enum_text.h"

namespace orewatch::ctl {
namespace {

bool AllCapitals(absl::string_view word) {
  return std::all_of(word.begin(), word.end(),
                     [](char c) { return absl::ascii_isupper(static_cast<unsigned char>(c)); });
}

}  // namespace

std::string SubjectName(absl::string_view word) {
  if (absl::StrContains(word, '/')) {
    return std::string(word);
  }
  if (const auto country = CountryAlpha2(word); country.ok() && AllCapitals(word)) {
    return absl::StrCat("countries/", *country);
  }
  return absl::StrCat("minerals/", word);
}

std::string ImporterName(absl::string_view word) {
  if (word.empty() || absl::StrContains(word, '/')) {
    return std::string(word);
  }
  const auto country = CountryAlpha2(word);
  return country.ok() ? absl::StrCat("countries/", *country) : absl::StrCat("blocs/", absl::AsciiStrToUpper(word));
}

absl::StatusOr<alerting::v1::AlertState> StateOf(const Options& options) {
  if (options.state.empty() || options.state == "all") {
    return alerting::v1::ALERT_STATE_UNSPECIFIED;
  }
  const absl::StatusOr<int> state = ParseEnum(*alerting::v1::AlertState_descriptor(), options.state);
  if (!state.ok()) {
    return UsageError(absl::StrCat("--state: ", state.status().message(), ", all"));
  }
  return static_cast<alerting::v1::AlertState>(*state);
}

absl::StatusOr<risk::v1::ScoreKey> KeyOf(absl::string_view subject, const Options& options) {
  risk::v1::ScoreKey key;
  key.set_subject(subject.empty() ? "" : SubjectName(subject));
  key.set_importer(ImporterName(options.importer));
  if (!options.stage.empty()) {
    const absl::StatusOr<int> stage = ParseEnum(*type::v1::Stage_descriptor(), options.stage);
    if (!stage.ok()) {
      return UsageError(absl::StrCat("--stage: ", stage.status().message()));
    }
    key.set_stage(static_cast<type::v1::Stage>(*stage));
  }
  if (!options.method.empty() && options.method != kEveryMethod) {
    const absl::StatusOr<int> method = ParseEnum(*risk::v1::Method_descriptor(), options.method);
    if (!method.ok()) {
      return UsageError(absl::StrCat("--method: ", method.status().message()));
    }
    key.set_method(static_cast<risk::v1::Method>(*method));
  }
  return key;
}

}  // namespace orewatch::ctl
