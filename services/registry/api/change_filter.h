// Which changes a watcher is sent.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/registry/domain/kinds.h"
#include "services/registry/domain/visibility.h"

namespace orewatch::registry {

// The kinds of collections such as `suppliers` or `production`. INVALID_ARGUMENT blaming each `kinds[i]` that is none,
// or `kinds` if there are more than kinds.
absl::StatusOr<std::vector<Kind>> KindsOf(const std::vector<std::string>& collections);

// What the viewer may see, of the kinds and names that it asked for. Immutable.
class ChangeFilter {
 public:
  static constexpr int kMaxNames = 1000;

  // INVALID_ARGUMENT for an unknown kind, a malformed name, or too many.
  static absl::StatusOr<ChangeFilter> Create(Viewer viewer, const v1::WatchRequest& request);

  const Viewer& viewer() const { return viewer_; }
  // Whether the watcher asked for a part only.
  bool partial() const { return !kinds_.empty() || !names_.empty(); }
  // Leaves the wanted changes, each as the viewer sees it.
  void Apply(v1::ChangeSet& set) const;

 private:
  explicit ChangeFilter(Viewer viewer) : viewer_(std::move(viewer)) {}
  bool Wants(const v1::Change& change) const;

  Viewer viewer_;
  std::set<Kind> kinds_;
  std::set<std::string> names_;
};

}  // namespace orewatch::registry
