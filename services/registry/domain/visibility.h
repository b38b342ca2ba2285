// Who may see and change what: the one place where this is decided.
//
// Minerals, countries, blocs, measures, statistics and the date are public. The rest is public while it has no owner;
// else its owner and its readers may read it, and the owner alone may change it. What one may not read is for him as if
// it did not exist.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::registry {

// Whether a text can name a caller: 1 to 128 visible ASCII characters.
bool IsPrincipal(absl::string_view text);

// Null for an entry of a kind that is always public.
const type::v1::Visibility* VisibilityOf(const v1::Entry& entry);
// Leaves an empty one unset. The entry is of a kind that has one.
void SetVisibility(const type::v1::Visibility& visibility, v1::Entry& entry);

// Who may read an entry, its owner first; nothing: everybody. Views into the entry.
std::optional<std::vector<absl::string_view>> ReadersOf(const v1::Entry& entry);
// Whether everybody who may read the one (null: a thing that is always public) may read the other, too.
bool ReadersMayRead(const type::v1::Visibility* one, const type::v1::Visibility& other);
bool MayRead(absl::string_view principal, const v1::Entry& entry);
bool MayWrite(absl::string_view principal, const v1::Entry& entry);

// Who follows the registry by a stream.
struct Viewer {
  std::string principal;
  // Sees what has an owner, too, and shows of it to everyone only what he may read.
  bool trusted = false;
};
bool MaySee(const Viewer& viewer, const v1::Entry& entry);

// The change as a viewer sees it: what leaves his sight is deleted, what comes into it is created. Nothing if he sees
// neither side.
std::optional<v1::Change> ChangeSeenBy(const Viewer& viewer, v1::Change change);

}  // namespace orewatch::registry
