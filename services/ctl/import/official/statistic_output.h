// Statistics of official files, and the minerals and countries that they speak of.
#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "services/ctl/import/known_names.h"
#include "services/ctl/import/official/country_codes.h"
#include "services/ctl/import/sink.h"

namespace orewatch::ctl {

// Gives a mineral or country before the first statistic that needs it, unless it is known: what is there already is
// never written over. All outlive it.
class StatisticOutput {
 public:
  StatisticOutput(FileOutput& output, const CountryCodes& codes, const KnownNames& known)
      : output_(output), codes_(codes), known_(known) {}

  // `make` gives all of the mineral but its name, and is called only if it is missing.
  absl::Status NeedMineral(int64_t line, absl::string_view id, absl::FunctionRef<registry::v1::Mineral()> make);
  // `alpha2` may be ZZ, which is no country.
  absl::Status NeedCountry(int64_t line, absl::string_view alpha2);
  absl::Status Add(int64_t line, registry::v1::Statistic statistic);
  FileOutput& file() { return output_; }

 private:
  FileOutput& output_;
  const CountryCodes& codes_;
  const KnownNames& known_;
};

}  // namespace orewatch::ctl
