#include "services/registry/api/mutations.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/domain/validation.h"
#include "services/registry/domain/values.h"

namespace orewatch::registry {
namespace {

using Operation = Mutation::Operation;

bool Puts(const v1::Mutation& mutation) {
  return mutation.operation() == v1::Mutation::OPERATION_CREATE ||
         mutation.operation() == v1::Mutation::OPERATION_UPDATE;
}

absl::StatusOr<Mutation> PutMutation(const v1::Mutation& mutation) {
  const auto kind = KindOf(mutation.entry());
  if (!kind.has_value()) {
    return InvalidField("entry", "must hold a resource or a statistic");
  }
  if (!mutation.etag().empty()) {
    return InvalidField("etag", "is for deletions; what is written has its etag in its metadata");
  }
  const bool creates = mutation.operation() == v1::Mutation::OPERATION_CREATE;
  Mutation put = PutOf(creates ? Operation::kCreate : Operation::kUpdate, mutation.entry());
  put.mask = mutation.update_mask();
  put.path = absl::StrCat("entry.", InfoOf(*kind).entry_field->name(), ".");
  return put;
}

absl::StatusOr<Mutation> NamedMutation(const v1::Mutation& mutation) {
  const bool deletes = mutation.operation() == v1::Mutation::OPERATION_DELETE;
  if (deletes && mutation.entry().has_statistic()) {
    if (!mutation.name().empty()) {
      return InvalidField("name", "is empty where a statistic is deleted");
    }
    return StatisticMutation(mutation.entry().statistic());
  }
  const auto name = ParseResourceName(mutation.name());
  if (!name.ok() || !IsResource(name->kind)) {
    return InvalidField("name", "must be the name of a resource");
  }
  Mutation named;
  named.operation = deletes ? Operation::kDelete : Operation::kUndelete;
  named.kind = name->kind;
  named.key = mutation.name();
  named.etag = mutation.etag();
  return named;
}

}  // namespace

absl::StatusOr<std::vector<Mutation>> MutationsOf(const v1::ApplyChangesRequest& request) {
  std::vector<Mutation> mutations;
  FieldViolations violations;
  for (int i = 0; i < request.mutations_size(); ++i) {
    const v1::Mutation& wanted = request.mutations(i);
    const std::string path = absl::StrCat("mutations[", i, "].");
    if (wanted.operation() == v1::Mutation::OPERATION_UNSPECIFIED ||
        !v1::Mutation::Operation_IsValid(wanted.operation())) {
      violations.Add(absl::StrCat(path, "operation"), "must be given");
      continue;
    }
    auto mutation = Puts(wanted) ? PutMutation(wanted) : NamedMutation(wanted);
    if (!mutation.ok()) {
      violations.AddAll(path, mutation.status());
      continue;
    }
    mutation->allow_missing = wanted.allow_missing();
    mutation->outer_path = path;
    mutation->path = absl::StrCat(path, mutation->path);
    mutations.push_back(*std::move(mutation));
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return mutations;
}

absl::StatusOr<Mutation> StatisticMutation(const v1::Statistic& statistic) {
  v1::Entry entry;
  *entry.mutable_statistic() = statistic;
  if (!KindOf(entry).has_value()) {
    return InvalidField("statistic", "must have a series");
  }
  // Of it only the key is read.
  v1::Statistic key = statistic;
  key.clear_quantity();
  key.clear_provenance();
  if (key.has_governance()) {
    key.mutable_governance()->Clear();
    key.mutable_governance()->set_country(statistic.governance().country());
  }
  FieldViolations values;
  CheckValues(key, values);
  CheckKeyLength(key, values);
  FieldViolations violations;
  violations.AddAll("statistic.", values.ToStatus());
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return PutOf(Operation::kDelete, std::move(entry));
}

}  // namespace orewatch::registry
