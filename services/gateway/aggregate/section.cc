#include "services/gateway/aggregate/section.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"

namespace orewatch::gateway {

using gateway::v1::SectionStatus;
using google::protobuf::Message;

namespace {

void SetError(const absl::Status& status, SectionStatus& section) {
  section.set_code(static_cast<int>(status.code()));
  section.set_error(std::string(status.message()));
  section.set_reason(ErrorReason(status));
}

// From the best down.
int BadnessOf(const SectionStatus& section) {
  switch (section.state()) {
    case SectionStatus::STATE_FRESH:
      return 0;
    case SectionStatus::STATE_STALE:
      return 1;
    case SectionStatus::STATE_INCOMPLETE:
      return 2;
    default:
      return 3;
  }
}

void AddSections(const Message& holder, NamedSections& sections) {
  const auto* reflection = holder.GetReflection();
  const auto* descriptor = holder.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    if (field->message_type() != SectionStatus::descriptor() || !reflection->HasField(holder, field)) {
      continue;
    }
    sections.emplace_back(field->name(), &static_cast<const SectionStatus&>(reflection->GetMessage(holder, field)));
  }
}

}  // namespace

SectionStatus SectionOf(const absl::Status& status) {
  SectionStatus section;
  if (status.ok()) {
    section.set_state(SectionStatus::STATE_FRESH);
    return section;
  }
  section.set_state(absl::IsPermissionDenied(status) ? SectionStatus::STATE_DENIED : SectionStatus::STATE_UNAVAILABLE);
  SetError(status, section);
  return section;
}

SectionStatus StaleSection(const absl::Status& because, absl::Time as_of) {
  SectionStatus section;
  section.set_state(SectionStatus::STATE_STALE);
  SetError(because, section);
  *section.mutable_as_of_time() = ToProto(as_of);
  return section;
}

SectionStatus WorseOf(const SectionStatus& first, const SectionStatus& second) {
  const bool first_is_worse = BadnessOf(first) > BadnessOf(second);
  SectionStatus worse = first_is_worse ? first : second;
  const SectionStatus& other = first_is_worse ? second : first;
  if (other.has_revision() && worse.has_revision() && other.revision().number() < worse.revision().number()) {
    *worse.mutable_revision() = other.revision();
  }
  if (other.has_as_of_time() && worse.has_as_of_time() &&
      FromProto(other.as_of_time()) < FromProto(worse.as_of_time())) {
    *worse.mutable_as_of_time() = other.as_of_time();
  }
  return worse;
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

absl::Status NothingReached(std::initializer_list<absl::Status> errors) {
  const absl::Status& example = *errors.begin();
  if (std::all_of(errors.begin(), errors.end(), absl::IsResourceExhausted)) {
    return example;
  }
  return MakeError(absl::StatusCode::kUnavailable, "NO_SECTION",
                   absl::StrCat("none of the services answered; one said: ", example.message()));
}

absl::Status CheckSubject(const absl::Status& status) {
  if (absl::IsInvalidArgument(status)) {
    const auto violations = ViolationsOf(status);
    return InvalidField("name", violations.empty() ? status.message() : violations.front().second);
  }
  return absl::IsNotFound(status) || absl::IsOutOfRange(status) ? status : absl::OkStatus();
}

NamedSections SectionsOf(const Message& answer) {
  NamedSections sections;
  AddSections(answer, sections);
  const auto* nested = answer.GetDescriptor()->FindFieldByName("sections");
  if (nested != nullptr && answer.GetReflection()->HasField(answer, nested)) {
    AddSections(answer.GetReflection()->GetMessage(answer, nested), sections);
  }
  return sections;
}

absl::Status CheckRequired(gateway::v1::SectionPolicy policy, const Message& answer) {
  if (policy != gateway::v1::SECTION_POLICY_REQUIRED) {
    return absl::OkStatus();
  }
  for (const auto& [name, section] : SectionsOf(answer)) {
    if (section->state() != SectionStatus::STATE_FRESH) {
      return MakeError(static_cast<absl::StatusCode>(section->code()),
                       absl::StrCat("REQUIRED_SECTION_", absl::AsciiStrToUpper(name)),
                       absl::StrCat("the section ", name, " is required, and ",
                                    SectionStatus::State_Name(section->state()), ": ", section->error()),
                       {{"section", name}, {"reason", section->reason()}});
    }
  }
  return absl::OkStatus();
}

}  // namespace orewatch::gateway
