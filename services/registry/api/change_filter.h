// Which changes a watcher is sent.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/registry/domain/kinds.h"

namespace orewatch::registry {

// The kinds of collections such as `suppliers` or `production`. INVALID_ARGUMENT blaming each `kinds[i]` that is none.
absl::StatusOr<std::vector<Kind>> KindsOf(const std::vector<std::string>& collections);

// What the principal may see, of the kinds and names that it asked for. Immutable.
class ChangeFilter {
 public:
  static constexpr int kMaxNames = 1000;

  // INVALID_ARGUMENT for an unknown kind, a malformed name, or too many.
  static absl::StatusOr<ChangeFilter> Create(const std::string& principal, const v1::WatchRequest& request);

  const std::string& principal() const { return principal_; }
  // Whether the watcher asked for a part only.
  bool partial() const { return !kinds_.empty() || !names_.empty(); }
  // Leaves the wanted changes, each as the principal sees it.
  void Apply(v1::ChangeSet& set) const;

 private:
  explicit ChangeFilter(std::string principal) : principal_(std::move(principal)) {}
  bool Wants(const v1::Change& change) const;

  std::string principal_;
  std::set<Kind> kinds_;
  std::set<std::string> names_;
};

}  // namespace orewatch::registry
