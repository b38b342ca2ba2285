#include "services/registry/store/postgres/pending_changes.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace orewatch::registry {
namespace {

template <typename Rows>
void Move(Rows& from, Rows& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void PendingChanges::SetReference(const ReferenceRow& reference, ReferenceState state) {
  const auto [known, first] = references.try_emplace(reference, state);
  if (!first) {
    // New after gone: the row may still be there.
    known->second = state == ReferenceState::kNew ? ReferenceState::kPresent : state;
  }
}

std::map<EntryKey, bool> PendingChanges::ReferencesTo(const std::string& target) const {
  std::map<EntryKey, bool> sources;
  const EntryKey before_all{Kind{}, ""};
  for (auto it = references.lower_bound({target, before_all}); it != references.end() && it->first.target == target;
       ++it) {
    sources.emplace(it->first.source, it->second != ReferenceState::kGone);
  }
  return sources;
}

void PendingChanges::Append(PendingChanges later) {
  for (auto& [key, touched] : later.entries) {
    entries.insert_or_assign(key, Touched{std::move(touched.live), /*begun=*/false});
  }
  Move(later.begun, begun);
  for (auto& [version, revision] : later.ended) {
    if (version->stored) {
      ended.emplace_back(std::move(version), revision);
    } else {
      // Not written yet, so it is written with its end.
      version->to_revision = revision;
    }
  }
  for (const auto& [reference, state] : later.references) {
    SetReference(reference, state);
  }
  Move(later.changes, changes);
  Move(later.change_sets, change_sets);
  requests.merge(later.requests);
  Move(later.search, search);
  for (const auto& [follower, row] : later.followers) {
    followers.insert_or_assign(follower, row);
  }
  compacted = std::max(compacted, later.compacted);
  if (later.searches_dropped.has_value()) {
    // Of several in one group the last will do: none is the only one to come.
    searches_dropped = later.searches_dropped;
  }
}

}  // namespace orewatch::registry
