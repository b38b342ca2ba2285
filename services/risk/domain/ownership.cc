#include "services/risk/domain/ownership.h"

#include <algorithm>
#include <vector>

namespace orewatch::risk {
namespace {

// Owners may own one another in a circle.
constexpr int kMaxDepth = 8;
constexpr int kMaxOwners = 1000;

class OwnerSearch {
 public:
  explicit OwnerSearch(const ChainView& view) : view_(view) {}

  void Add(const std::vector<OwnerFact>& owners, double part, int depth) {
    for (const OwnerFact& owner : owners) {
      if (++looked_at_ > kMaxOwners) {
        return;
      }
      if (owner.share.has_value()) {
        AddOwner(owner, part * *owner.share, depth);
      }
    }
  }
  UltimateOwners Take() {
    double known = 0;
    for (const auto& [country, share] : found_.shares) {
      known += share;
    }
    found_.unknown = std::max(0.0, 1 - known);
    return std::move(found_);
  }

 private:
  void AddOwner(const OwnerFact& owner, double part, int depth) {
    const SupplierFact* supplier = owner.supplier.empty() ? nullptr : view_.Supplier(owner.supplier);
    if (owner.ultimate) {
      const bool said = !owner.country.empty() || supplier == nullptr;
      const CountryIndex country = CountryIndexOf(said ? owner.country : supplier->country);
      if (country != kUnknownCountry) {
        found_.shares[country] += part;
      }
    } else if (supplier != nullptr && depth < kMaxDepth) {
      Add(supplier->owners, part, depth + 1);
    }
  }

  const ChainView& view_;
  UltimateOwners found_;
  int looked_at_ = 0;
};

}  // namespace

UltimateOwners UltimateOwnersOf(const ChainView& view, const std::string& name) {
  OwnerSearch search(view);
  const FacilityFact* facility = view.Facility(name);
  if (facility != nullptr && !facility->owners.empty()) {
    search.Add(facility->owners, 1, 0);
  } else if (const SupplierFact* supplier = view.Supplier(SupplierOf(name))) {
    search.Add(supplier->owners, 1, 0);
  }
  return search.Take();
}

}  // namespace orewatch::risk
