#include "services/alerting/feed/fact_concerns.h"

#include "absl/container/btree_set.h"

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

class Names {
 public:
  explicit Names(const std::string& self) : self_(self) {}

  void Add(const std::string& name) {
    if (!name.empty() && name != self_ && names_.size() < kMaxConcerns) {
      names_.insert(name);
    }
  }
  template <typename Many>
  void AddAll(const Many& names) {
    for (const std::string& name : names) {
      Add(name);
    }
  }
  // Of a facility also the supplier that its name names.
  void AddWithParent(const std::string& name) {
    if (const size_t end = name.find("/facilities/"); end != std::string::npos) {
      Add(name.substr(0, end));
    }
    Add(name);
  }
  std::vector<std::string> Sorted() const { return {names_.begin(), names_.end()}; }

 private:
  const std::string& self_;
  absl::btree_set<std::string> names_;
};

std::vector<std::string> Of(const Supplier& supplier) {
  Names names(supplier.name());
  names.Add(supplier.country());
  return names.Sorted();
}

std::vector<std::string> Of(const Facility& facility) {
  Names names(facility.name());
  names.Add(facility.country());
  names.AddWithParent(facility.name());
  names.Add(facility.operator_());
  for (const auto& output : facility.outputs()) {
    names.Add(output.mineral());
    names.Add(output.host_mineral());
  }
  return names.Sorted();
}

std::vector<std::string> Of(const Project& project) {
  Names names(project.name());
  names.Add(project.country());
  names.Add(project.mineral());
  for (const auto& sponsor : project.sponsors()) {
    names.Add(sponsor.supplier());
  }
  for (const auto& commitment : project.commitments()) {
    names.Add(commitment.country());
  }
  return names.Sorted();
}

std::vector<std::string> Of(const Agreement& agreement) {
  Names names(agreement.name());
  names.AddAll(agreement.parties());
  names.AddAll(agreement.minerals());
  return names.Sorted();
}

std::vector<std::string> Of(const Measure& measure) {
  Names names(measure.name());
  names.Add(measure.imposer());
  names.Add(measure.mineral());
  names.AddAll(measure.destinations());
  return names.Sorted();
}

std::vector<std::string> Of(const Stockpile& stockpile) {
  Names names(stockpile.name());
  names.Add(stockpile.country());
  names.AddAll(stockpile.minerals());
  return names.Sorted();
}

// Whom an event spares, or no longer touches, it does not concern.
bool Touches(const Event::Impact& impact) {
  return impact.status() == Event::Impact::STATUS_POTENTIAL || impact.status() == Event::Impact::STATUS_CONFIRMED;
}

std::vector<std::string> Of(const Event& event) {
  Names names(event.name());
  names.Add(event.country());
  for (const auto& impact : event.impacts()) {
    if (Touches(impact)) {
      names.AddWithParent(impact.subject());
    }
  }
  return names.Sorted();
}

}  // namespace

std::vector<std::string> ConcernsOf(const Entry& entry) {
  switch (entry.value_case()) {
    case Entry::kSupplier:
      return Of(entry.supplier());
    case Entry::kFacility:
      return Of(entry.facility());
    case Entry::kProject:
      return Of(entry.project());
    case Entry::kAgreement:
      return Of(entry.agreement());
    case Entry::kMeasure:
      return Of(entry.measure());
    case Entry::kStockpile:
      return Of(entry.stockpile());
    case Entry::kEvent:
      return Of(entry.event());
    default:
      return {};
  }
}

}  // namespace orewatch::alerting
