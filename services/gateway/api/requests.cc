#include "services/gateway/api/requests.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"

namespace orewatch::gateway {
namespace {

// `{collection}/{id}`, of which the registry would say more; here it is about what may stand in a filter.
bool IsNameIn(absl::string_view collection, absl::string_view name) {
  return absl::ConsumePrefix(&name, collection) && absl::ConsumePrefix(&name, "/") && !name.empty() &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-'; });
}

void CheckImporterName(const std::string& importer, FieldViolations& violations) {
  if (!importer.empty() && !IsImporterName(importer)) {
    violations.Add("importer", "must be countries/{country} or blocs/{bloc}");
  }
}

// What all requests but those of streams have.
template <typename Request>
void CheckCommon(const Request& request, FieldViolations& violations) {
  if (request.min_revision() < 0) {
    violations.Add("min_revision", "must not be negative");
  }
  if (!v1::SectionPolicy_IsValid(request.sections())) {
    violations.Add("sections", "is not known");
  }
}

template <typename Request>
void CheckName(const Request& request, absl::string_view collection, absl::string_view shape,
               FieldViolations& violations) {
  if (!IsNameIn(collection, request.name())) {
    violations.Add("name", absl::StrCat("must be ", shape));
  }
  CheckCommon(request, violations);
}

}  // namespace

bool IsImporterName(absl::string_view name) { return IsNameIn("countries", name) || IsNameIn("blocs", name); }

absl::Status Check(const v1::GetOverviewRequest& request) {
  FieldViolations violations;
  if (request.limit() < 0) {
    violations.Add("limit", "must not be negative");
  }
  CheckImporterName(request.importer(), violations);
  CheckCommon(request, violations);
  return violations.ToStatus();
}

absl::Status Check(const v1::GetMineralBriefRequest& request) {
  FieldViolations violations;
  CheckName(request, "minerals", "minerals/{mineral}", violations);
  CheckImporterName(request.importer(), violations);
  return violations.ToStatus();
}

absl::Status Check(const v1::GetCountryBriefRequest& request) {
  FieldViolations violations;
  CheckName(request, "countries", "countries/{country}", violations);
  return violations.ToStatus();
}

absl::Status Check(const v1::GetSupplierBriefRequest& request) {
  FieldViolations violations;
  CheckName(request, "suppliers", "suppliers/{supplier}", violations);
  return violations.ToStatus();
}

absl::Status Check(const v1::GetProjectBriefRequest& request) {
  FieldViolations violations;
  CheckName(request, "projects", "projects/{project}", violations);
  return violations.ToStatus();
}

absl::Status Check(const v1::SearchRequest& request) {
  constexpr size_t kLongestQuery = 256;
  constexpr int kMostKinds = 20;
  FieldViolations violations;
  if (request.query().empty() || request.query().size() > kLongestQuery) {
    violations.Add("query", absl::StrCat("must have between 1 and ", kLongestQuery, " bytes"));
  }
  if (request.page_size() < 0) {
    violations.Add("page_size", "must not be negative");
  }
  if (request.kinds_size() > kMostKinds) {
    violations.Add("kinds", absl::StrCat("must be at most ", kMostKinds));
  }
  CheckCommon(request, violations);
  return violations.ToStatus();
}

absl::Status Check(const v1::WatchFeedRequest& request) {
  FieldViolations violations;
  for (int i = 0; i < request.kinds_size(); ++i) {
    if (!v1::FeedKind_IsValid(request.kinds(i)) || request.kinds(i) == v1::FEED_KIND_UNSPECIFIED) {
      violations.Add(absl::StrCat("kinds[", i, "]"), "is not known");
    }
  }
  return violations.ToStatus();
}

}  // namespace orewatch::gateway
