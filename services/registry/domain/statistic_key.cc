#include "services/registry/domain/statistic_key.h"

#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace orewatch::registry {
namespace {

std::string Join(std::initializer_list<std::string> parts) {
  std::string key;
  for (const std::string& part : parts) {
    absl::StrAppend(&key, key.empty() ? "" : "/", absl::StrReplaceAll(part, {{"%", "%25"}, {"/", "%2F"}}));
  }
  return key;
}

std::string Number(int value) { return absl::StrCat(value); }

}  // namespace

std::string StatisticKey(const v1::Statistic& statistic) {
  const std::string year = Number(statistic.year());
  const std::string basis = Number(statistic.quantity().basis());
  const std::string& scope = statistic.quantity().scope();
  if (statistic.has_production()) {
    const auto& series = statistic.production();
    return Join({statistic.dataset(), series.mineral(), Number(series.stage()), series.product(), basis, scope, year,
                 series.country()});
  }
  if (statistic.has_trade()) {
    const auto& series = statistic.trade();
    return Join({statistic.dataset(), series.mineral(), series.product(), Number(series.stage()), series.hs6(), basis,
                 scope, year, series.importer(), series.exporter()});
  }
  if (statistic.has_governance()) {
    return Join({statistic.dataset(), statistic.governance().country(), year});
  }
  if (statistic.has_reserves()) {
    const auto& series = statistic.reserves();
    return Join({statistic.dataset(), series.mineral(), Number(series.classification()), series.product(), basis, scope,
                 year, series.country()});
  }
  const auto& series = statistic.indicator();
  return Join({statistic.dataset(), series.subject(), series.indicator(), series.region(), series.unit(), year});
}

}  // namespace orewatch::registry
