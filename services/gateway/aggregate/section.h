// How one neighbour's part of an answer came out.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "orewatch/gateway/v1/gateway.pb.h"

namespace orewatch::gateway {

// FRESH for OK, DENIED for UNAUTHENTICATED and PERMISSION_DENIED, else UNAVAILABLE with the neighbour's own error.
gateway::v1::SectionStatus SectionOf(const absl::Status& status);

// Says that a section which came lacks something.
void MarkIncomplete(absl::string_view what, gateway::v1::SectionStatus& section);

// The same for a list, with the revision that it reflects; INCOMPLETE if it was cut off.
template <typename Response>
gateway::v1::SectionStatus SectionOf(const absl::StatusOr<Response>& answer) {
  gateway::v1::SectionStatus section = SectionOf(answer.status());
  if (answer.ok()) {
    *section.mutable_revision() = answer->revision();
    if (!answer->next_page_token().empty()) {
      MarkIncomplete("the list is longer than the gateway reads", section);
    }
  }
  return section;
}

// UNAVAILABLE, reason LINEAGE_CHANGED: what came is of another history of the registry than the rest of the answer.
absl::Status OtherHistory();

// For a while after a restore the neighbours know different histories. An answer shows one: that of `lineage`. Empty:
// the part decides, if it came.
template <typename Response>
void KeepToHistory(std::string& lineage, absl::StatusOr<Response>& part) {
  if (!part.ok()) {
    return;
  }
  if (lineage.empty()) {
    lineage = part->revision().lineage();
  } else if (!part->revision().lineage().empty() && part->revision().lineage() != lineage) {
    part = OtherHistory();
  }
}

// Says that risk keeps no scores for an importer that somebody asked about.
void MarkImporterNotKept(const std::string& importer, gateway::v1::SectionStatus& section);

// NOT_FOUND with reason IMPORTER_NOT_FOUND if that is how looking the importer up ended, else OK: what the registry
// could not say is no fault of the caller's.
absl::Status CheckImporter(const absl::StatusOr<std::string>& found);

// UNAVAILABLE, for when no section came.
absl::Status NothingReached(const absl::Status& example);

}  // namespace orewatch::gateway
