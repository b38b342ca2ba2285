#include "services/registry/engine/sight.h"

#include <utility>

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

absl::StatusOr<std::optional<StoredEntry>> SeenBy(const std::string& principal, StoredEntry stored, FindEntry find) {
  const auto container = stored.delete_time.has_value() ? SharedSightOf(stored.entry) : std::nullopt;
  if (container.has_value()) {
    OREWATCH_ASSIGN_OR_RETURN(const auto found, find(*container));
    if (!found.has_value()) {
      return std::nullopt;
    }
    type::v1::Visibility visibility = *VisibilityOf(found->entry);
    visibility.set_inherited(!visibility.owner().empty());
    SetVisibility(visibility, stored.entry);
  }
  return MayRead(principal, stored.entry) ? std::make_optional(std::move(stored)) : std::nullopt;
}

}  // namespace orewatch::registry
