#include "services/alerting/feed/fact_spells.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "common/text/utf8.h"
#include "orewatch/alerting/v1/happening.pb.h"
#include "services/alerting/feed/fact_dates.h"

namespace orewatch::alerting {
namespace {

using registry::v1::Agreement;
using registry::v1::Entry;
using registry::v1::Event;
using registry::v1::Facility;
using registry::v1::Measure;
using registry::v1::Project;
using registry::v1::Stockpile;
using registry::v1::Supplier;
using v1::Happening;

// The numbers of states are those of the registry's enums, each in a hundred of its own.
constexpr int kHundred = 100;
constexpr int kFacilities = 100;
constexpr int kProjects = 200;
constexpr int kFindings = 300;
constexpr int kImpacts = 500;

constexpr absl::Time kNever = absl::InfiniteFuture();

absl::Time OrNever(const std::optional<absl::Time>& time) { return time.value_or(kNever); }

bool IsEmpty(const Spell& spell) { return spell.from.has_value() && *spell.from >= spell.until; }

class Spells {
 public:
  void Add(Spell spell) {
    if (!IsEmpty(spell)) {
      spells_.push_back(std::move(spell));
    }
  }
  // A state that the thing is in as long as it says so.
  void AddObserved(int state) { Add({.state = state}); }
  void Add(int state, absl::string_view about, std::optional<absl::Time> from, absl::Time until) {
    Add({.state = state, .about = std::string(CutToBytes(about, kMaxAboutBytes)), .from = from, .until = until});
  }
  // None without a beginning.
  void AddDated(int state, absl::string_view about, const std::optional<absl::Time>& from, absl::Time until) {
    if (from.has_value()) {
      Add(state, about, from, until);
    }
  }

  std::vector<Spell> Take() && {
    KeepLongest();
    std::sort(spells_.begin(), spells_.end(), [](const Spell& a, const Spell& b) {
      return std::tie(a.state, a.about, a.from, a.until) < std::tie(b.state, b.about, b.from, b.until);
    });
    spells_.erase(std::unique(spells_.begin(), spells_.end()), spells_.end());
    return std::move(spells_);
  }

 private:
  void KeepLongest() {
    if (spells_.size() <= kMaxSpells) {
      return;
    }
    std::sort(spells_.begin(), spells_.end(), [](const Spell& a, const Spell& b) {
      return std::tie(b.until, b.from, a.state, a.about) < std::tie(a.until, a.from, b.state, b.about);
    });
    spells_.resize(kMaxSpells);
  }

  std::vector<Spell> spells_;
};

bool IsState(int hundred, int number) {
  return number > 0 && number < kHundred && Happening::State_IsValid(hundred + number);
}

void AddStatus(int hundred, int status, Spells& spells) {
  if (IsState(hundred, status)) {
    spells.AddObserved(hundred + status);
  }
}

// An assessment that found nothing (any more).
struct Clearance {
  // The first instant at which it may have been made.
  absl::Time from;
  // From then on it has been made, or a later one.
  absl::Time over;
};

std::vector<Clearance> ClearancesOf(const Supplier& supplier, Supplier::Finding::Kind kind) {
  std::vector<Clearance> clearances;
  for (const auto& finding : supplier.findings()) {
    if (const auto from = BeginningOf(finding.date()); finding.kind() == kind && !finding.adverse() && from) {
      clearances.push_back({*from, OrNever(OverSince(finding.date()))});
    }
  }
  std::sort(clearances.begin(), clearances.end(),
            [](const Clearance& a, const Clearance& b) { return a.from < b.from; });
  absl::Time earliest = kNever;
  std::for_each(clearances.rbegin(), clearances.rend(),
                [&](Clearance& clearance) { clearance.over = earliest = std::min(earliest, clearance.over); });
  return clearances;
}

// Only what was certainly made later clears.
absl::Time ClearedAt(const std::vector<Clearance>& clearances, const Supplier::Finding& finding) {
  const absl::Time made = OrNever(EndOf(finding.date()));
  const auto later = std::find_if(clearances.begin(), clearances.end(),
                                  [&](const Clearance& clearance) { return clearance.from >= made; });
  return later == clearances.end() ? kNever : later->over;
}

void AddSupplier(const Supplier& supplier, Spells& spells) {
  for (int kind = Supplier::Finding::Kind_MIN; kind <= Supplier::Finding::Kind_MAX; ++kind) {
    if (!IsState(kFindings, kind)) {
      continue;
    }
    const auto clearances = ClearancesOf(supplier, static_cast<Supplier::Finding::Kind>(kind));
    for (const auto& finding : supplier.findings()) {
      if (finding.kind() == kind && finding.adverse()) {
        spells.Add(kFindings + kind, "", BeginningOf(finding.date()), ClearedAt(clearances, finding));
      }
    }
  }
}

struct MeasureDates {
  absl::Time announced;
  absl::Time effective;
  absl::Time suspended;
  absl::Time resumed;
  absl::Time ended;
};

MeasureDates DatesOf(const Measure& measure) {
  MeasureDates dates{.announced = OrNever(BeginningOf(measure.announced())),
                     .effective = OrNever(BeginningOf(measure.effective())),
                     .suspended = OrNever(BeginningOf(measure.suspended())),
                     .resumed = OrNever(BeginningOf(measure.suspended_until())),
                     .ended = OrNever(OverSince(measure.ended()))};
  if (dates.resumed <= dates.suspended) {
    dates.suspended = dates.resumed = kNever;
  }
  return dates;
}

void AddMeasure(const Measure& measure, Spells& spells) {
  const MeasureDates at = DatesOf(measure);
  const auto spell = [&](Happening::State state, absl::Time from, absl::Time until) {
    return Spell{.state = state, .from = from, .until = std::min(until, at.ended)};
  };
  spells.Add(spell(Happening::STATE_MEASURE_IN_FORCE, at.effective, at.suspended));
  spells.Add(spell(Happening::STATE_MEASURE_IN_FORCE, std::max(at.effective, at.resumed), kNever));
  Spell before = spell(Happening::STATE_MEASURE_ANNOUNCED, at.announced, at.effective);
  Spell meanwhile = spell(Happening::STATE_MEASURE_ANNOUNCED, std::max(at.effective, at.suspended), at.resumed);
  if (!IsEmpty(before) && !IsEmpty(meanwhile) && *meanwhile.from <= before.until) {
    meanwhile.from = std::exchange(before.from, kNever);
  }
  spells.Add(before);
  spells.Add(meanwhile);
}

void AddEvent(const Event& event, Spells& spells) {
  if (event.verification() == Event::VERIFICATION_REFUTED) {
    return;
  }
  const std::optional<absl::Time> began = BeginningOf(event.began());
  const absl::Time ended = OrNever(EndOf(event.ended()));
  for (const auto& impact : event.impacts()) {
    const auto since = BeginningOf(impact.since());
    if (IsState(kImpacts, impact.status())) {
      // What has been confirmed lasts until somebody says that it works again, however short the event was.
      const bool confirmed = impact.status() == Event::Impact::STATUS_CONFIRMED;
      spells.Add(kImpacts + impact.status(), impact.subject(), since.has_value() ? since : began,
                 confirmed ? kNever : ended);
    }
  }
}

void AddProject(const Project& project, Spells& spells) {
  AddStatus(kProjects, project.status(), spells);
  // Nobody waits for it any more.
  if (project.status() == Project::STATUS_CANCELLED) {
    return;
  }
  for (const auto& milestone : project.milestones()) {
    spells.AddDated(Happening::STATE_MILESTONE_SLIPPED, milestone.title(), EndOf(milestone.planned()),
                    OrNever(BeginningOf(milestone.actual())));
  }
  for (const auto& commitment : project.commitments()) {
    const std::optional<absl::Time> lapsed = EndOf(commitment.lapse());
    spells.AddDated(Happening::STATE_COMMITMENT_LAPSED, commitment.agency(), lapsed, kNever);
    spells.AddDated(Happening::STATE_COMMITMENT_DECISION_DUE, commitment.agency(),
                    BeginningOf(commitment.next_decision()), OrNever(lapsed));
  }
}

void AddAgreement(const Agreement& agreement, Spells& spells) {
  spells.AddDated(Happening::STATE_AGREEMENT_ENDED, "", OverSince(agreement.ended()), kNever);
}

void AddStockpile(const Stockpile& stockpile, Spells& spells) {
  if (stockpile.has_target_days() && stockpile.has_held_days() && stockpile.held_days() < stockpile.target_days()) {
    spells.AddObserved(Happening::STATE_STOCKPILE_UNDER_TARGET);
  }
}

void AddEntry(const Entry& entry, Spells& spells) {
  switch (entry.value_case()) {
    case Entry::kSupplier:
      return AddSupplier(entry.supplier(), spells);
    case Entry::kFacility:
      return AddStatus(kFacilities, entry.facility().status(), spells);
    case Entry::kProject:
      return AddProject(entry.project(), spells);
    case Entry::kAgreement:
      return AddAgreement(entry.agreement(), spells);
    case Entry::kMeasure:
      return AddMeasure(entry.measure(), spells);
    case Entry::kStockpile:
      return AddStockpile(entry.stockpile(), spells);
    case Entry::kEvent:
      return AddEvent(entry.event(), spells);
    default:
      return;
  }
}

}  // namespace

std::vector<int> UnknownOf(const Entry& entry) {
  const registry::v1::Stockpile& stockpile = entry.stockpile();
  if (entry.has_facility() && entry.facility().status() == Facility::STATUS_UNSPECIFIED) {
    return {HundredOf(Happening::STATE_FACILITY_CLOSED)};
  }
  if (entry.has_project() && entry.project().status() == Project::STATUS_UNSPECIFIED) {
    return {HundredOf(Happening::STATE_PROJECT_CANCELLED)};
  }
  if (entry.has_stockpile() && !(stockpile.has_target_days() && stockpile.has_held_days())) {
    return {HundredOf(Happening::STATE_STOCKPILE_UNDER_TARGET)};
  }
  return {};
}

std::vector<Spell> SpellsOf(const Entry& entry) {
  Spells spells;
  AddEntry(entry, spells);
  return std::move(spells).Take();
}

}  // namespace orewatch::alerting
