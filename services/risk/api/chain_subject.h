// What a question about supply chains is about.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/risk/domain/chain_cone.h"

namespace orewatch::risk {

// About a second's.
inline constexpr size_t kMaxLinks = 500'000;

struct ChainSubject {
  // Resource names of facilities and suppliers.
  std::set<std::string> names;
  // Empty: every mineral, every product.
  std::string mineral;
  std::string product;
  // Of a requirement.
  std::optional<double> tonnes_per_year;
};

// A facility; a supplier with its facilities; or what a requirement is about. INVALID_ARGUMENT: no such kind of name,
// or a mineral or product beside a requirement; NOT_FOUND; FAILED_PRECONDITION: the requirement's holder has no chain.
absl::StatusOr<ChainSubject> SubjectOf(const ChainView& view, const std::string& name, const std::string& mineral,
                                       const std::string& product);

// One facility or supplier in the chain of one mineral. INVALID_ARGUMENT, NOT_FOUND.
absl::StatusOr<NodeKey> NodeKeyOf(const ChainView& view, const std::string& name, const std::string& mineral);

// By the form of its name, whether there is one or not.
bool IsFacility(const std::string& name);
bool IsSupplier(const std::string& name);

absl::Status NoSuchName(const std::string& name);
absl::Status ChainTooLarge(size_t max_links);

}  // namespace orewatch::risk
