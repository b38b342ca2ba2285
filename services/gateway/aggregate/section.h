// How one neighbour's part of an answer came out.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "services/gateway/client/part.h"

namespace orewatch::gateway {

// FRESH for OK, DENIED for PERMISSION_DENIED, else UNAVAILABLE with the neighbour's own error.
gateway::v1::SectionStatus SectionOf(const absl::Status& status);

// STALE, with why the neighbour could not be asked.
gateway::v1::SectionStatus StaleSection(const absl::Status& because, absl::Time as_of);

// Says that a section which came lacks something.
void MarkIncomplete(absl::string_view what, gateway::v1::SectionStatus& section);

// The same of a part, with the revision that it reflects; INCOMPLETE if it is a list that was cut off.
template <typename Response>
gateway::v1::SectionStatus SectionOf(const Part<Response>& part) {
  gateway::v1::SectionStatus section =
      part.ok() && !part.stale_because.ok() ? StaleSection(part.stale_because, part.as_of) : SectionOf(part.status());
  if (!part.ok()) {
    return section;
  }
  if constexpr (requires { part->revision(); }) {
    *section.mutable_revision() = part->revision();
  } else if constexpr (requires { part->score(); }) {
    *section.mutable_revision() = part->score().revision();
  }
  if constexpr (requires { part->next_page_token(); }) {
    if (!part->next_page_token().empty() && section.state() == gateway::v1::SectionStatus::STATE_FRESH) {
      MarkIncomplete("the list is longer than the gateway reads", section);
    }
  }
  return section;
}

// Two answers of one service are as good as the worse of them, and as old as the older.
gateway::v1::SectionStatus WorseOf(const gateway::v1::SectionStatus& first, const gateway::v1::SectionStatus& second);

// UNAVAILABLE, reason LINEAGE_CHANGED: what came is of another history of the registry than the rest of the answer.
absl::Status OtherHistory();

// For a while after a restore the neighbours know different histories. An answer shows one: that of `lineage`. Empty:
// the part decides, if it came.
template <typename Response>
void KeepToHistory(std::string& lineage, Part<Response>& part) {
  if (!part.ok()) {
    return;
  }
  std::string of_part;
  if constexpr (requires { part->revision(); }) {
    of_part = part->revision().lineage();
  } else {
    of_part = part->score().revision().lineage();
  }
  if (lineage.empty()) {
    lineage = of_part;
  } else if (!of_part.empty() && of_part != lineage) {
    part = OtherHistory();
  }
}

// Says that risk keeps no scores for an importer that somebody asked about.
void MarkImporterNotKept(const std::string& importer, gateway::v1::SectionStatus& section);

// For when no section came: UNAVAILABLE, or the first error if all services ask their callers to slow down, so that it
// is known for how long.
absl::Status NothingReached(std::initializer_list<absl::Status> errors);

// What the caller asked about must be there, if the registry can be asked at all: its NOT_FOUND and OUT_OF_RANGE, and
// INVALID_ARGUMENT that blames `name`. OK if it is there, or nobody knows.
absl::Status CheckSubject(const absl::Status& status);

// The sections of an answer by the names of their fields: those of the message itself, or of its field `sections`.
// Those that are not set are left out.
using NamedSections = std::vector<std::pair<std::string, const gateway::v1::SectionStatus*>>;
NamedSections SectionsOf(const google::protobuf::Message& answer);

// With SECTION_POLICY_REQUIRED the error of the first section that is not FRESH; else OK.
absl::Status CheckRequired(gateway::v1::SectionPolicy policy, const google::protobuf::Message& answer);

}  // namespace orewatch::gateway
