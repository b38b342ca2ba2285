#include "services/risk/domain/partner_supply.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/calendar.h"

namespace orewatch::risk {
namespace {

// Number of orewatch.type.v1.STAGE_MINE.
constexpr StageNumber kMine = 1;
// Number of orewatch.type.v1.BASIS_GROSS.
constexpr BasisNumber kGross = 1;

bool IsPending(ProjectStatus status) {
  return status != ProjectStatus::kOperating && status != ProjectStatus::kCancelled;
}

// What has no product said is taken for any.
bool MakesProduct(const std::string& product, const std::string& wanted) {
  return wanted.empty() || product.empty() || product == wanted;
}

// Why these tonnes are other ones; empty: they may be added.
std::string Unlike(BasisNumber basis, const std::string& product, TonnesAlike& alike) {
  if (alike.basis == 0) {
    alike = {basis, {product}};
  }
  if (basis == 0 || basis != alike.basis) {
    return "BASIS_MISMATCH";
  }
  if (basis != kGross || (!product.empty() && alike.products.count(product) > 0)) {
    return "";
  }
  return product.empty() ? "PRODUCT_UNKNOWN" : "PRODUCT_MISMATCH";
}

void Cite(const std::string& resource, const Provenance& provenance, FreeSupply& supply) {
  supply.resources.push_back(resource);
  if (std::find(supply.provenances.begin(), supply.provenances.end(), provenance) == supply.provenances.end()) {
    supply.provenances.push_back(provenance);
  }
}

}  // namespace

std::optional<double> FreeSupply::total() const {
  return uncommitted_tonnes.has_value() || risked_project_tonnes.has_value()
             ? std::optional<double>(uncommitted_tonnes.value_or(0) + risked_project_tonnes.value_or(0))
             : std::nullopt;
}

SupplyInSight::SupplyInSight(const World& world, const PartnerQuery& query)
    : world_(world), importers_(ViewOf(query.importer, *world.policy, YearOf(world.policy->today)).members) {
  if (const auto found = world.projects.headrooms.find(query.series); found != world.projects.headrooms.end()) {
    for (const auto& entry : *found->second) {
      if (entry.second.readers.Include(query.principal) && MakesProduct(entry.second.product, query.product)) {
        headrooms_.push_back(&entry);
        countries_.insert(entry.second.country);
      }
    }
  }
  for (const auto& entry : *world.projects.projects) {
    const ProjectRecord& project = entry.second;
    if (project.mineral == query.series.mineral && project.stage == query.series.stage && IsPending(project.status) &&
        project.readers.Include(query.principal) && MakesProduct(project.product, query.product)) {
      projects_.push_back(&entry);
      countries_.insert(project.country);
    }
  }
}

void SupplyInSight::AddUncommitted(const std::string& country, TonnesAlike& alike, FreeSupply& supply) const {
  for (const auto* entry : headrooms_) {
    const auto& [key, headroom] = *entry;
    if (headroom.country != country) {
      continue;
    }
    if (const std::string reason = Unlike(headroom.basis, headroom.product, alike); !reason.empty()) {
      AddReason(absl::StrCat(reason, ":", key.first), supply.reasons);
      continue;
    }
    supply.uncommitted_tonnes = supply.uncommitted_tonnes.value_or(0) + headroom.tonnes_per_year;
    Cite(key.first, headroom.provenance, supply);
  }
}

std::optional<double> SupplyInSight::Unsold(const ProjectRecord& project) const {
  double unsold = *project.capacity_tonnes_per_year;
  for (const CommitmentRecord& commitment : project.commitments) {
    if (commitment.HasLapsed(world_.policy->today) || importers_.count(commitment.country) > 0) {
      continue;
    }
    if (commitment.offtake && !commitment.offtake_tonnes_per_year.has_value()) {
      return std::nullopt;
    }
    unsold -= commitment.offtake_tonnes_per_year.value_or(0);
  }
  return std::max(unsold, 0.0);
}

void SupplyInSight::AddProjects(const std::string& country, double years, TonnesAlike& alike,
                                FreeSupply& supply) const {
  for (const auto* entry : projects_) {
    const auto& [name, project] = *entry;
    if (project.country != country) {
      continue;
    }
    if (!project.capacity_tonnes_per_year.has_value()) {
      AddReason(absl::StrCat("CAPACITY_UNKNOWN:", name), supply.reasons);
      continue;
    }
    if (const std::string reason = Unlike(project.basis, project.product, alike); !reason.empty()) {
      AddReason(absl::StrCat(reason, ":", name), supply.reasons);
      continue;
    }
    const std::optional<double> unsold = Unsold(project);
    if (!unsold.has_value()) {
      AddReason(absl::StrCat("OFFTAKE_UNKNOWN:", name), supply.reasons);
      continue;
    }
    const ProjectFacts facts{name, country, project.status, project.stage == kMine, unsold};
    const std::optional<double> chance = PublishedChanceWithin(facts, rates_, years);
    if (!chance.has_value()) {
      AddReason(absl::StrCat("NO_BASE_RATE:", name), supply.reasons);
      continue;
    }
    supply.risked_project_tonnes = supply.risked_project_tonnes.value_or(0) + *chance * *unsold;
    Cite(name, project.provenance, supply);
  }
}

FreeSupply SupplyInSight::FreeBy(const std::string& country, int year, TonnesAlike alike) const {
  FreeSupply supply;
  const double years = year + 1 - YearsOf(world_.policy->today).value_or(year + 1);
  AddUncommitted(country, alike, supply);
  AddProjects(country, years, alike, supply);
  return supply;
}

}  // namespace orewatch::risk
