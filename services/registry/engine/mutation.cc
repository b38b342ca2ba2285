#include "services/registry/engine/mutation.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/util/field_mask_util.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/domain/statistic_key.h"
#include "services/registry/domain/validation.h"
#include "services/registry/domain/visibility.h"

namespace orewatch::registry {
namespace {

using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::util::FieldMaskUtil;
using Operation = Mutation::Operation;

// Enough to mend a file by, and no more than an answer can hold.
constexpr size_t kMaxViolations = 20;

void CheckMask(const Mutation& mutation, FieldViolations& violations) {
  const Message& message = MessageIn(mutation.kind, mutation.entry);
  const std::string field = absl::StrCat(mutation.outer_path, "update_mask");
  for (const std::string& path : mutation.mask.paths()) {
    const bool ours =
        path == "name" || path == "metadata" || absl::StartsWith(path, "metadata.") || path == "visibility.inherited";
    if (path == "*" ? mutation.mask.paths_size() > 1 : ours) {
      violations.Add(field, absl::StrCat("'", path, "' cannot be set"));
    } else if (path != "*" && IsStatistic(mutation.kind)) {
      violations.Add(field, "a statistic is written whole");
    } else if (path != "*" &&
               (path.empty() || !FieldMaskUtil::GetFieldDescriptors(message.GetDescriptor(), path, nullptr))) {
      violations.Add(field, absl::StrCat("there is no field '", path, "'"));
    }
  }
}

void CheckMutation(const Mutation& mutation, FieldViolations& violations) {
  const bool puts = mutation.operation == Operation::kCreate || mutation.operation == Operation::kUpdate;
  const std::string name_field = absl::StrCat(puts ? mutation.path : mutation.outer_path, "name");
  if (mutation.operation == Operation::kUpdate) {
    CheckMask(mutation, violations);
  }
  if (mutation.operation == Operation::kCreate && mutation.mask.paths_size() > 0) {
    violations.Add(absl::StrCat(mutation.outer_path, "update_mask"), "is for updates");
  }
  if (puts) {
    violations.AddAll(mutation.path, ValidateUnderstood(mutation.entry).ToStatus());
  }
  if (puts && IsWhole(mutation.mask)) {
    violations.AddAll(mutation.path, Validate(mutation.entry).ToStatus());
  } else if (IsResource(mutation.kind)) {
    violations.AddAll("", ParseNameOf(mutation.kind, mutation.key, name_field).status());
  }
}

}  // namespace

bool IsWhole(const FieldMask& mask) { return mask.paths_size() == 0 || mask.paths(0) == "*"; }

std::string KeyOf(Kind kind, const v1::Entry& entry) {
  return IsStatistic(kind) ? StatisticKey(entry.statistic()) : NameIn(MessageIn(kind, entry));
}

Mutation PutOf(Operation operation, v1::Entry entry) {
  Mutation mutation;
  mutation.operation = operation;
  mutation.kind = *KindOf(entry);
  mutation.key = KeyOf(mutation.kind, entry);
  Message& message = MutableMessageIn(mutation.kind, entry);
  if (const auto* field = InfoOf(mutation.kind).metadata_field; field != nullptr) {
    mutation.etag = dynamic_cast<const type::v1::Metadata&>(message.GetReflection()->GetMessage(message, field)).etag();
    message.GetReflection()->ClearField(&message, field);
  }
  mutation.entry = std::move(entry);
  return mutation;
}

absl::Status CheckMutations(const std::vector<Mutation>& mutations) {
  FieldViolations violations;
  std::set<std::pair<Kind, std::string>> seen;
  for (const Mutation& mutation : mutations) {
    CheckMutation(mutation, violations);
    if (!seen.emplace(mutation.kind, mutation.key).second) {
      violations.Add(absl::StrCat(mutation.path, "name"), "is written twice in one change set");
    }
    if (violations.violations().size() > kMaxViolations) {
      break;
    }
  }
  return violations.ToStatus();
}

void Merge(Kind kind, const v1::Entry& wanted, const FieldMask& mask, v1::Entry& live) {
  if (!IsWhole(mask)) {
    FieldMaskUtil::MergeOptions options;
    options.set_replace_message_fields(true);
    options.set_replace_repeated_fields(true);
    FieldMaskUtil::MergeMessageTo(MessageIn(kind, wanted), mask, options, &MutableMessageIn(kind, live));
    return;
  }
  const type::v1::Visibility* before = VisibilityOf(live);
  const type::v1::Visibility kept = before == nullptr ? type::v1::Visibility() : *before;
  live = wanted;
  const Message& message = MessageIn(kind, wanted);
  const auto* field = message.GetDescriptor()->FindFieldByName("visibility");
  if (field != nullptr && !message.GetReflection()->HasField(message, field) && !kept.owner().empty()) {
    SetVisibility(kept, live);
  }
}

}  // namespace orewatch::registry
