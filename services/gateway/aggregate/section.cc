#include "services/gateway/aggregate/section.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::gateway {

using gateway::v1::SectionStatus;

SectionStatus SectionOf(const absl::Status& status) {
  SectionStatus section;
  if (status.ok()) {
    section.set_state(SectionStatus::STATE_FRESH);
    return section;
  }
  const bool denied = absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status);
  section.set_state(denied ? SectionStatus::STATE_DENIED : SectionStatus::STATE_UNAVAILABLE);
  section.set_code(static_cast<int>(status.code()));
  section.set_error(std::string(status.message()));
  return section;
}

void MarkIncomplete(absl::string_view what, SectionStatus& section) {
  section.set_state(SectionStatus::STATE_INCOMPLETE);
  section.set_code(static_cast<int>(absl::StatusCode::kOutOfRange));
  section.set_error(std::string(what));
}

void MarkImporterNotKept(const std::string& importer, SectionStatus& section) {
  MarkIncomplete(absl::StrCat("no scores are kept current for ", importer, "; ask the risk service for each"), section);
}

absl::Status OtherHistory() {
  return MakeError(absl::StatusCode::kUnavailable, "LINEAGE_CHANGED",
                   "what came is of another history of the registry than the rest; ask again");
}

absl::Status CheckImporter(const absl::StatusOr<std::string>& found) {
  return absl::IsNotFound(found.status())
             ? MakeError(absl::StatusCode::kNotFound, "IMPORTER_NOT_FOUND", found.status().message())
             : absl::OkStatus();
}

absl::Status NothingReached(const absl::Status& example) {
  return MakeError(absl::StatusCode::kUnavailable, "NO_SECTION",
                   absl::StrCat("none of the services answered; one said: ", example.message()));
}

}  // namespace orewatch::gateway
