#include "services/gateway/aggregate/briefs.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "services/gateway/aggregate/section.h"

namespace orewatch::gateway {
namespace {

using gateway::v1::ProductionShare;

// The first error that says the brief cannot be, and parts of one history alone.
template <typename... Parts>
absl::Status Unite(SubjectParts& common, Parts&... parts) {
  OREWATCH_RETURN_IF_ERROR(CheckSubject(common.subject.status()));
  if (!common.subject.ok() && !common.alerts.ok() && !common.changes.ok() && (!parts.ok() && ...)) {
    return NothingReached(
        {common.subject.status(), common.alerts.status(), common.changes.status(), parts.status()...});
  }
  std::string lineage;
  KeepToHistory(lineage, common.subject);
  (KeepToHistory(lineage, parts), ...);
  KeepToHistory(lineage, common.alerts);
  KeepToHistory(lineage, common.changes);
  return absl::OkStatus();
}

// What all briefs have, but for the subject itself.
template <typename Brief>
void FillCommon(SubjectParts& common, Brief& brief) {
  if (common.changes.ok()) {
    // The newest are all that a brief shows.
    common.changes->clear_next_page_token();
  }
  *brief.mutable_sections()->mutable_alerts() = SectionOf(common.alerts);
  *brief.mutable_sections()->mutable_changes() = SectionOf(common.changes);
  if (common.alerts.ok()) {
    brief.mutable_alerts()->Swap(common.alerts->mutable_alerts());
  }
  if (common.changes.ok()) {
    brief.mutable_changes()->Swap(common.changes->mutable_change_sets());
  }
}

// Says how a part came out, and takes what came.
template <typename Response, typename Take>
void Fill(Part<Response>& part, gateway::v1::SectionStatus& section, const Take& take) {
  section = SectionOf(part);
  if (part.ok()) {
    take(*part);
  }
}

// The subject; null if it did not come.
registry::v1::Entry* EntryOf(SubjectParts& common) {
  return common.subject.ok() && common.subject->entries_size() > 0 ? common.subject->mutable_entries(0) : nullptr;
}

ProductionShare ShareOf(const risk::v1::Score& score, const risk::v1::ScoreInput& produced) {
  ProductionShare share;
  share.set_mineral(score.key().subject());
  share.set_stage(score.key().stage());
  if (produced.has_value()) {
    share.set_share(produced.value());
  }
  *share.mutable_quantity() = produced.quantity();
  share.set_year(produced.year());
  share.set_dataset(produced.dataset());
  *share.mutable_provenance() = produced.provenance();
  if (score.has_value()) {
    share.set_hhi(score.value());
  }
  *share.mutable_completeness() = score.completeness();
  return share;
}

bool IsLarger(const ProductionShare& a, const ProductionShare& b) {
  const auto rank = [](const ProductionShare& share) {
    return std::make_tuple(!share.has_share(), -share.share(), share.mineral(), share.stage());
  };
  return rank(a) < rank(b);
}

void FillProduction(const risk::v1::ListScoresResponse& scores, gateway::v1::CountryBrief& brief) {
  if (scores.scores_size() != scores.produced_size()) {
    MarkIncomplete("the risk service did not say of each score what was produced",
                   *brief.mutable_sections()->mutable_production());
  }
  // Without a figure for each score it would not be known whose share is whose.
  const int count = std::min(scores.scores_size(), scores.produced_size());
  for (int i = 0; i < count; ++i) {
    *brief.add_production() = ShareOf(scores.scores(i), scores.produced(i));
  }
  std::sort(brief.mutable_production()->begin(), brief.mutable_production()->end(), IsLarger);
}

bool Concerns(const registry::v1::Agreement& agreement, const std::string& mineral) {
  const auto& minerals = agreement.minerals();
  return minerals.empty() || std::find(minerals.begin(), minerals.end(), mineral) != minerals.end();
}

void FillAgreements(const std::string& mineral, registry::v1::ListAgreementsResponse& agreements,
                    gateway::v1::ProjectBrief& brief) {
  for (registry::v1::Agreement& agreement : *agreements.mutable_agreements()) {
    if (Concerns(agreement, mineral)) {
      brief.add_agreements()->Swap(&agreement);
    }
  }
}

void AddCompanies(const google::protobuf::RepeatedPtrField<registry::v1::Participant>& participants,
                  Companies& companies) {
  constexpr size_t kMost = 20;
  for (const registry::v1::Participant& participant : participants) {
    if (participant.supplier().empty()) {
      continue;
    }
    companies.more = companies.more || companies.names.size() == kMost;
    if (companies.names.size() < kMost) {
      companies.names.push_back(participant.supplier());
    }
  }
}

}  // namespace

Companies CompaniesOf(const registry::v1::Project& project) {
  Companies companies;
  AddCompanies(project.sponsors(), companies);
  AddCompanies(project.partners(), companies);
  return companies;
}

absl::StatusOr<gateway::v1::CountryBrief> MakeCountryBrief(CountryBriefParts parts) {
  OREWATCH_RETURN_IF_ERROR(Unite(parts.common, parts.scores, parts.production, parts.measures, parts.agreements,
                                 parts.projects, parts.facilities));
  gateway::v1::CountryBrief brief;
  auto& sections = *brief.mutable_sections();
  *sections.mutable_country() = SectionOf(parts.common.subject);
  if (auto* entry = EntryOf(parts.common); entry != nullptr) {
    brief.mutable_country()->Swap(entry->mutable_country());
  }
  Fill(parts.scores, *sections.mutable_scores(),
       [&](auto& scores) { brief.mutable_scores()->Swap(scores.mutable_scores()); });
  Fill(parts.production, *sections.mutable_production(), [&](auto& scores) { FillProduction(scores, brief); });
  Fill(parts.measures, *sections.mutable_measures(),
       [&](auto& list) { brief.mutable_measures()->Swap(list.mutable_measures()); });
  Fill(parts.agreements, *sections.mutable_agreements(),
       [&](auto& list) { brief.mutable_agreements()->Swap(list.mutable_agreements()); });
  Fill(parts.projects, *sections.mutable_projects(),
       [&](auto& list) { brief.mutable_projects()->Swap(list.mutable_projects()); });
  Fill(parts.facilities, *sections.mutable_facilities(),
       [&](auto& list) { brief.mutable_facilities()->Swap(list.mutable_facilities()); });
  FillCommon(parts.common, brief);
  return brief;
}

absl::StatusOr<gateway::v1::SupplierBrief> MakeSupplierBrief(SupplierBriefParts parts) {
  OREWATCH_RETURN_IF_ERROR(Unite(parts.common, parts.facilities, parts.score, parts.exposures));
  gateway::v1::SupplierBrief brief;
  auto& sections = *brief.mutable_sections();
  *sections.mutable_profile() = SectionOf(parts.common.subject);
  if (auto* entry = EntryOf(parts.common); entry != nullptr) {
    brief.mutable_supplier()->Swap(entry->mutable_supplier());
  }
  Fill(parts.facilities, *sections.mutable_facilities(),
       [&](auto& list) { brief.mutable_facilities()->Swap(list.mutable_facilities()); });
  Fill(parts.score, *sections.mutable_score(), [&](auto& score) { brief.mutable_score()->Swap(&score); });
  Fill(parts.exposures, *sections.mutable_exposure(),
       [&](auto& list) { brief.mutable_exposures()->Swap(list.mutable_exposures()); });
  FillCommon(parts.common, brief);
  return brief;
}

absl::StatusOr<gateway::v1::ProjectBrief> MakeProjectBrief(ProjectBriefParts parts) {
  OREWATCH_RETURN_IF_ERROR(Unite(parts.common, parts.outlook, parts.agreements, parts.links));
  gateway::v1::ProjectBrief brief;
  auto& sections = *brief.mutable_sections();
  *sections.mutable_project() = SectionOf(parts.common.subject);
  if (auto* entry = EntryOf(parts.common); entry != nullptr) {
    brief.mutable_project()->Swap(entry->mutable_project());
  }
  Fill(parts.outlook, *sections.mutable_outlook(), [&](auto& outlook) { brief.mutable_outlook()->Swap(&outlook); });
  Fill(parts.agreements, *sections.mutable_agreements(),
       [&](auto& list) { FillAgreements(brief.project().mineral(), list, brief); });
  Fill(parts.links, *sections.mutable_links(), [&](auto& list) { brief.mutable_links()->Swap(list.mutable_links()); });
  if (parts.links.ok() && CompaniesOf(brief.project()).more) {
    MarkIncomplete("links of the first 20 companies alone were looked for", *sections.mutable_links());
  }
  FillCommon(parts.common, brief);
  return brief;
}

}  // namespace orewatch::gateway
