// Everything about one country, supplier or project, from what the neighbours said.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/gateway/client/part.h"

namespace orewatch::gateway {

// What every brief has.
struct SubjectParts {
  Part<registry::v1::BatchGetResponse> subject;
  Part<alerting::v1::ListAlertsResponse> alerts;
  Part<registry::v1::ListChangesResponse> changes;
};

struct CountryBriefParts {
  SubjectParts common;
  Part<risk::v1::ListScoresResponse> scores;
  // HHI of what the country produces, with its share.
  Part<risk::v1::ListScoresResponse> production;
  Part<registry::v1::ListMeasuresResponse> measures;
  Part<registry::v1::ListAgreementsResponse> agreements;
  Part<registry::v1::ListProjectsResponse> projects;
  Part<registry::v1::ListFacilitiesResponse> facilities;
};

struct SupplierBriefParts {
  SubjectParts common;
  Part<registry::v1::ListFacilitiesResponse> facilities;
  Part<risk::v1::ScoreExplanation> score;
  Part<risk::v1::ListExposuresResponse> exposures;
};

struct ProjectBriefParts {
  SubjectParts common;
  Part<risk::v1::ProjectOutlook> outlook;
  // Of the project's country; without the project as it is.
  Part<registry::v1::ListAgreementsResponse> agreements;
  Part<registry::v1::ListLinksResponse> links;
};

// Each: NOT_FOUND or OUT_OF_RANGE if the registry says so of the subject, INVALID_ARGUMENT if it can be no name of one,
// UNAVAILABLE if no part came. Parts of another history than the first that came are left out.
absl::StatusOr<gateway::v1::CountryBrief> MakeCountryBrief(CountryBriefParts parts);
absl::StatusOr<gateway::v1::SupplierBrief> MakeSupplierBrief(SupplierBriefParts parts);
absl::StatusOr<gateway::v1::ProjectBrief> MakeProjectBrief(ProjectBriefParts parts);

// Names of whom the links of a project are looked for: sponsors and partners that the registry holds, at most 20, and
// `more` if there are more.
struct Companies {
  std::vector<std::string> names;
  bool more = false;
};
Companies CompaniesOf(const registry::v1::Project& project);

}  // namespace orewatch::gateway
