#include "services/registry/engine/sight.h"

#include "common/status/status.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/domain/visibility.h"

namespace orewatch::registry {

std::optional<EntryKey> SharedSightOf(const v1::Entry& entry) {
  const Kind kind = *KindOf(entry);
  const auto parent = InfoOf(kind).parent;
  const type::v1::Visibility* visibility = VisibilityOf(entry);
  if (!parent.has_value() || (!visibility->owner().empty() && !visibility->inherited())) {
    return std::nullopt;
  }
  const auto name = ParseResourceName(NameIn(MessageIn(kind, entry)));
  return name.ok() ? std::make_optional(EntryKey{*parent, name->ParentName()}) : std::nullopt;
}

absl::StatusOr<bool> MaySee(const std::string& principal, const StoredEntry& stored, FindEntry find) {
  const auto container = stored.delete_time.has_value() ? SharedSightOf(stored.entry) : std::nullopt;
  if (!container.has_value()) {
    return MayRead(principal, stored.entry);
  }
  OREWATCH_ASSIGN_OR_RETURN(const auto found, find(*container));
  return found.has_value() && MayRead(principal, found->entry);
}

}  // namespace orewatch::registry
