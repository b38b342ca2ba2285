#include "services/ctl/render/change_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/time_util.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/import/values.h"
#include "services/ctl/render/score_text.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::util::TimeUtil;
using registry::v1::Change;
using registry::v1::Statistic;

std::string Short(absl::string_view name) {
  return std::string(absl::StripPrefix(absl::StripPrefix(name, "minerals/"), "countries/"));
}

// The parts that are set, with a space between.
std::string Words(const std::vector<std::string>& parts) {
  std::vector<std::string> set;
  for (const std::string& part : parts) {
    if (!part.empty()) {
      set.push_back(part);
    }
  }
  return absl::StrJoin(set, " ");
}

std::string StageText(type::v1::Stage stage) { return EnumText(*type::v1::Stage_descriptor(), stage); }

std::string SeriesText(const Statistic& statistic) {
  switch (statistic.series_case()) {
    case Statistic::kProduction: {
      const Statistic::Production& series = statistic.production();
      return Words(
          {"production", Short(series.mineral()), StageText(series.stage()), series.product(), series.country()});
    }
    case Statistic::kTrade: {
      const Statistic::Trade& series = statistic.trade();
      return Words({"trade", Short(series.mineral()), StageText(series.stage()), series.hs6(),
                    absl::StrCat(series.exporter(), " to ", series.importer())});
    }
    case Statistic::kReserves: {
      const Statistic::Reserves& series = statistic.reserves();
      return Words({EnumText(*Statistic::Reserves::Classification_descriptor(), series.classification()),
                    Short(series.mineral()), series.product(), series.country()});
    }
    case Statistic::kGovernance:
      return Words({"governance", statistic.governance().country()});
    case Statistic::kIndicator: {
      const Statistic::Indicator& series = statistic.indicator();
      return Words({series.indicator(), Short(series.subject()), series.region()});
    }
    case Statistic::SERIES_NOT_SET:
      break;
  }
  return "";
}

std::string ValueText(const registry::v1::Entry& entry) {
  const Statistic& statistic = entry.statistic();
  if (statistic.has_indicator()) {
    return statistic.indicator().has_value()
               ? Words({NumberText(statistic.indicator().value()), statistic.indicator().unit()})
               : "";
  }
  return QuantityText(statistic.quantity());
}

// Resources by name; statistics in words, for their keys are long.
std::string WhatText(const Change& change) {
  const Statistic& statistic = (change.has_after() ? change.after() : change.before()).statistic();
  const std::string series = SeriesText(statistic);
  if (series.empty()) {
    return change.name();
  }
  const std::string before = ValueText(change.before());
  const std::string after = ValueText(change.after());
  const bool both = !before.empty() && !after.empty();
  return absl::StrCat(series, " ", statistic.year(), " (", statistic.dataset(), ")",
                      before.empty() && after.empty() ? "" : ": ", before, both ? " -> " : "", after);
}

}  // namespace

std::string ChangesText(const registry::v1::ChangeSet& set) {
  std::string text;
  for (const Change& change : set.changes()) {
    absl::StrAppend(&text, set.revision().number(), "  ", TimeUtil::ToString(set.commit_time()), "  ",
                    EnumText(*Change::Operation_descriptor(), change.operation()), "  ", Printable(WhatText(change)),
                    "  ", Printable(set.principal().subject()), "\n");
  }
  return text;
}

}  // namespace orewatch::ctl
