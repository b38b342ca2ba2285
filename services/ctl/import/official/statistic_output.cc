#include "services/ctl/import/official/statistic_output.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/ctl/import/countries.h"
#include "services/ctl/import/names.h"

namespace orewatch::ctl {

using registry::v1::Entry;

absl::Status StatisticOutput::NeedMineral(int64_t line, absl::string_view id,
                                          absl::FunctionRef<registry::v1::Mineral()> make) {
  const std::string name = absl::StrCat("minerals/", id);
  if (known_.contains(name)) {
    return absl::OkStatus();
  }
  Entry entry;
  *entry.mutable_mineral() = make();
  entry.mutable_mineral()->set_name(name);
  return output_.Add(line, std::move(entry));
}

absl::Status StatisticOutput::NeedCountry(int64_t line, absl::string_view alpha2) {
  const std::string name = absl::StrCat("countries/", alpha2);
  if (alpha2 == kOtherCountries || known_.contains(name)) {
    return absl::OkStatus();
  }
  Entry entry;
  registry::v1::Country& country = *entry.mutable_country();
  country.set_name(name);
  country.set_display_name(codes_.NameOf(alpha2));
  country.set_alpha3(CountryAlpha3(alpha2));
  country.mutable_provenance()->set_source("ISO 3166-1");
  country.mutable_provenance()->set_licence("facts");
  return output_.Add(line, std::move(entry));
}

absl::Status StatisticOutput::Add(int64_t line, registry::v1::Statistic statistic) {
  Entry entry;
  *entry.mutable_statistic() = std::move(statistic);
  return output_.Add(line, std::move(entry));
}

}  // namespace orewatch::ctl
