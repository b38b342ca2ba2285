#include "services/risk/input_metrics.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"

namespace orewatch::risk {
namespace {

constexpr char kOther[] = "other";
constexpr char kAnyFamily[] = "*";

// Reasons, up to a colon, by what they come to. The words are those of docs/methods/reasons.md.
struct Group {
  const char* label;
  std::set<absl::string_view> reasons;
};

const std::vector<Group>& Groups() {
  static const std::vector<Group> kGroups = {
      {"withheld", {"WITHHELD"}},
      {"output", {"OUTPUT_UNKNOWN", "NO_SHARES", "NO_GLOBAL_SUPPLY", "DOMESTIC_PRODUCTION_UNKNOWN"}},
      {"trade",
       {"NO_TRADE", "IMPORTS_UNKNOWN", "EXPORTS_UNKNOWN", "EXPORTS_PARTIAL", "IMPORT_RELIANCE_UNKNOWN",
        "TRADE_EXPOSURE_UNKNOWN", "NO_SOURCING", "MAIN_FORM_MISSING", "NO_TRADE_FROM_OUTSIDE"}},
      {"governance", {"NO_GOVERNANCE", "GOVERNANCE_INCOMPLETE", "GOVERNANCE_IMPUTED"}},
      {"owners", {"NO_OWNERS", "OWNERS_UNKNOWN"}},
      {"indicators",
       {"NO_INDICATORS", "INDICATOR_MISSING", "RECYCLING_UNKNOWN", "SUBSTITUTION_UNKNOWN", "ABILITY_TO_SUPPLY_UNKNOWN",
        "WILLINGNESS_TO_SUPPLY_UNKNOWN", "ECONOMIC_VULNERABILITY_UNKNOWN", "RESERVES_UNKNOWN"}},
      {"stock", {"NO_STOCKPILE", "STOCK_UNKNOWN"}},
      {"newer_dataset", {"NEWER_DATASET_UNUSED"}},
      {kOther, {}}};
  return kGroups;
}

std::vector<std::string> GroupLabels() {
  std::vector<std::string> labels;
  for (const Group& group : Groups()) {
    labels.emplace_back(group.label);
  }
  return labels;
}

size_t GroupOf(absl::string_view reason) {
  const absl::string_view word = reason.substr(0, reason.find(':'));
  const auto found =
      std::find_if(Groups().begin(), Groups().end(), [&](const Group& group) { return group.reasons.contains(word); });
  return static_cast<size_t>(std::min(found, std::prev(Groups().end())) - Groups().begin());
}

}  // namespace

std::string DatasetFamilyOf(const std::string& dataset) {
  const size_t dash = dataset.rfind('-');
  const bool edition =
      dash != std::string::npos && dash + 1 < dataset.size() &&
      std::all_of(dataset.begin() + static_cast<ptrdiff_t>(dash) + 1, dataset.end(), absl::ascii_isdigit);
  return edition ? DatasetFamilyOf(dataset.substr(0, dash)) : dataset;
}

absl::Time EndOfDate(const std::string& date) {
  std::vector<int> parts;
  for (const absl::string_view part : absl::StrSplit(date, '-')) {
    int number = 0;
    if (!absl::SimpleAtoi(part, &number)) {
      return absl::InfinitePast();
    }
    parts.push_back(number);
  }
  const absl::TimeZone utc = absl::UTCTimeZone();
  switch (parts.size()) {
    case 1:
      return absl::FromCivil(absl::CivilYear(parts[0]) + 1, utc) - absl::Seconds(1);
    case 2:
      return absl::FromCivil(absl::CivilMonth(parts[0], parts[1]) + 1, utc) - absl::Seconds(1);
    case 3:
      return absl::FromCivil(absl::CivilDay(parts[0], parts[1], parts[2]) + 1, utc) - absl::Seconds(1);
    default:
      return absl::InfinitePast();
  }
}

InputMetrics::InputMetrics(prometheus::Registry& registry, DatasetAges ages)
    : ages_(std::move(ages)),
      rows_(metrics::AddGauges(registry, "orewatch_dataset_rows", "Figures that are known of a family of datasets.")),
      versions_(metrics::AddGauges(registry, "orewatch_dataset_version_timestamp_seconds",
                                   "End of the date as of which the newest of them held; 0: there is none.")),
      max_ages_(metrics::AddGauges(registry, "orewatch_dataset_max_age_seconds",
                                   "How old that may be; 0: as old as it likes.")),
      missing_(metrics::AddGauges(registry, "orewatch_risk_missing_inputs", "Scores that lack something, by what."),
               "reason", GroupLabels()) {
  ShownAs(kOther);
}

const InputMetrics::Shown& InputMetrics::ShownAs(const std::string& family) {
  const bool known = shown_.contains(family);
  // `other` has a place beside the families.
  const bool room = !family.empty() && (family == kOther || shown_.size() <= kMostFamilies);
  const std::string label = known || room ? family : kOther;
  const auto found = shown_.find(label);
  if (found != shown_.end()) {
    return found->second;
  }
  const prometheus::Labels labels = {{"dataset", label}};
  const Shown shown{&rows_.Add(labels), &versions_.Add(labels), &max_ages_.Add(labels)};
  const auto own = ages_.find(label);
  const auto any = ages_.find(kAnyFamily);
  const auto age = own != ages_.end() ? own : any;
  // Of several families none is the contract.
  if (age != ages_.end() && label != kOther) {
    shown.max_age->Set(absl::ToDoubleSeconds(age->second));
  }
  return shown_.emplace(label, shown).first->second;
}

void InputMetrics::Show(const Model& model) {
  if (std::exchange(seen_revision_, model.revision()) != model.revision()) {
    ShowDatasets(model);
    ShowMissing(model);
  }
}

void InputMetrics::ShowDatasets(const Model& model) {
  std::map<std::string, Dataset> datasets;
  const auto add = [&](const std::string& dataset, const Provenance& provenance, int year) {
    Dataset& one = datasets[dataset];
    ++one.rows;
    const absl::Time time = EndOfDate(provenance.as_of);
    one.newest = std::max(one.newest, time == absl::InfinitePast() ? EndOfDate(std::to_string(year)) : time);
  };
  const World& world = model.world();
  for (const auto& [id, block] : world.blocks) {
    for (const auto& [key, figure] : block->production) {
      add(key.dataset, figure.provenance, key.year);
    }
    for (const auto& [key, figure] : block->trade) {
      add(key.dataset, figure.provenance, key.year);
    }
  }
  for (const auto& [key, fact] : *world.governance) {
    add(key.dataset, fact.provenance, key.year);
  }
  for (const auto& [key, fact] : *world.indicators) {
    add(key.dataset, fact.provenance, key.year);
  }
  for (const auto& [key, fact] : *world.reserves) {
    add(key.dataset, fact.provenance, key.year);
  }
  std::map<const Shown*, Dataset> families;
  // What is gone goes back to nothing.
  for (const auto& [label, shown] : shown_) {
    families[&shown] = {};
  }
  for (const auto& [id, dataset] : datasets) {
    Dataset& family = families[&ShownAs(DatasetFamilyOf(id))];
    family.rows += dataset.rows;
    family.newest = std::max(family.newest, dataset.newest);
  }
  for (const auto& [shown, family] : families) {
    shown->rows->Set(static_cast<double>(family.rows));
    shown->version->Set(absl::ToDoubleSeconds(std::max(family.newest, absl::UnixEpoch()) - absl::UnixEpoch()));
  }
}

void InputMetrics::ShowMissing(const Model& model) {
  std::vector<int64_t> counts(Groups().size());
  for (const auto& [key, score] : model.scores()) {
    std::set<size_t> lacks;
    for (const std::string& reason : score->estimate.reasons) {
      lacks.insert(GroupOf(reason));
    }
    for (const size_t group : lacks) {
      ++counts[group];
    }
  }
  for (size_t group = 0; group < counts.size(); ++group) {
    missing_.Of(Groups()[group].label).Set(static_cast<double>(counts[group]));
  }
}

}  // namespace orewatch::risk
