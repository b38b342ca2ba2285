#include "services/risk/feed/convert_projects.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "services/risk/feed/message_fields.h"

namespace orewatch::risk {
namespace {

using registry::v1::Entry;

CommitmentRecord CommitmentOf(const registry::v1::Project::Commitment& commitment) {
  CommitmentRecord record;
  if (!commitment.country().empty()) {
    record.country = CodeOf(commitment.country());
  }
  record.next_decision = DateText(commitment.next_decision());
  record.lapse = DateText(commitment.lapse());
  record.offtake = commitment.instrument() == registry::v1::Project::Commitment::INSTRUMENT_OFFTAKE;
  if (commitment.has_offtake_tonnes_per_year()) {
    record.offtake_tonnes_per_year = commitment.offtake_tonnes_per_year();
  }
  return record;
}

ProjectRecord ProjectOf(const registry::v1::Project& project) {
  ProjectRecord record;
  record.country = CodeOf(project.country());
  record.mineral = project.mineral();
  record.stage = project.stage();
  record.status = static_cast<ProjectStatus>(project.status());
  record.product = project.product();
  if (project.has_capacity_tonnes_per_year()) {
    record.capacity_tonnes_per_year = project.capacity_tonnes_per_year();
  }
  record.basis = project.basis();
  for (const auto& commitment : project.commitments()) {
    record.commitments.push_back(CommitmentOf(commitment));
  }
  for (const auto& milestone : project.milestones()) {
    record.milestones.push_back({milestone.title(), DateText(milestone.planned()), DateText(milestone.actual())});
  }
  record.provenance = ProvenanceOf(project.provenance());
  record.readers = ReadersOf(project.visibility());
  record.document = std::make_shared<const std::string>(project.SerializeAsString());
  return record;
}

// Nothing for a buyer or a plant: cover is of a country's use.
std::optional<RequirementRecord> RequirementOf(const registry::v1::Requirement& requirement) {
  const std::string& holder = requirement.holder();
  if (!absl::StartsWith(holder, "countries/") && !absl::StartsWith(holder, "blocs/")) {
    return std::nullopt;
  }
  RequirementRecord record;
  record.holder = CodeOf(holder);
  record.mineral = requirement.mineral();
  record.stage = requirement.stage();
  record.product = requirement.product();
  record.year = requirement.year();
  if (requirement.quantity().has_tonnes()) {
    record.tonnes = requirement.quantity().tonnes();
  }
  record.basis = requirement.quantity().basis();
  record.scope = requirement.quantity().scope();
  record.provenance = ProvenanceOf(requirement.provenance());
  record.readers = ReadersOf(requirement.visibility());
  return record;
}

// Only what runs has capacity to spare.
bool HasHeadroom(const registry::v1::Facility& facility, const registry::v1::Facility::Output& output) {
  return facility.status() == registry::v1::Facility::STATUS_OPERATING && output.has_spare_capacity_tonnes_per_year();
}

void AddHeadrooms(const registry::v1::Facility& facility, bool present, ProjectChanges& changes) {
  for (int i = 0; i < facility.outputs_size(); ++i) {
    const auto& output = facility.outputs(i);
    if (!HasHeadroom(facility, output)) {
      continue;
    }
    std::optional<Headroom> headroom;
    if (present) {
      headroom = {CodeOf(facility.country()),
                  output.product(),
                  output.spare_capacity_tonnes_per_year(),
                  output.basis(),
                  ProvenanceOf(facility.provenance()),
                  ReadersOf(facility.visibility())};
    }
    changes.headrooms[{{output.mineral(), output.stage()}, {facility.name(), i}}] = std::move(headroom);
  }
}

}  // namespace

TradeAgreement TradeAgreementOf(const registry::v1::Agreement& agreement) {
  return {CodesOf(agreement.parties()),
          {agreement.minerals().begin(), agreement.minerals().end()},
          DateText(agreement.in_force()),
          DateText(agreement.ended()),
          ProvenanceOf(agreement.provenance())};
}

bool BindsTrade(const registry::v1::Agreement& agreement) {
  using registry::v1::Agreement;
  return agreement.kind() == Agreement::KIND_FREE_TRADE_AGREEMENT ||
         agreement.kind() == Agreement::KIND_CRITICAL_MINERALS_AGREEMENT;
}

void AddProjectEntry(const Entry& entry, bool present, ProjectChanges& changes) {
  switch (entry.value_case()) {
    case Entry::kProject:
      changes.projects[entry.project().name()] =
          present ? std::optional<ProjectRecord>(ProjectOf(entry.project())) : std::nullopt;
      return;
    case Entry::kRequirement:
      changes.requirements[entry.requirement().name()] = present ? RequirementOf(entry.requirement()) : std::nullopt;
      return;
    case Entry::kAgreement:
      changes.agreements[entry.agreement().name()] =
          present ? std::optional<AgreementRecord>({BindsTrade(entry.agreement()), TradeAgreementOf(entry.agreement()),
                                                    ReadersOf(entry.agreement().visibility())})
                  : std::nullopt;
      return;
    case Entry::kFacility:
      return AddHeadrooms(entry.facility(), present, changes);
    default:
      return;
  }
}

}  // namespace orewatch::risk
