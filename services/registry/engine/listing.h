// One list, as a caller asked for it: what is in it, and in which order.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/filter/filter.h"
#include "common/filter/order_by.h"
#include "common/seal/page_token.h"
#include "services/registry/engine/pages.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Uses the store and the request, which outlive it; blocks on storage.
class Listing {
 public:
  // INVALID_ARGUMENT that blames `filter` or `order_by`.
  static absl::StatusOr<Listing> Create(RegistryStore& store, const ListRequest& request);

  // What was asked for and by whom, in one spelling: what a page token is bound to.
  const std::string& canonical() const { return canonical_; }

  // Adds what follows the token's position until the page is full, and moves the position there. Returns whether more
  // may follow. FAILED_PRECONDITION (TOO_MANY_TO_ORDER).
  absl::StatusOr<bool> Fill(PageToken& token, Page& page) const;

 private:
  Listing(RegistryStore& store, const ListRequest& request, filter::Filter filter, filter::OrderBy order);

  // An entry with metadata. False: enough.
  using Visit = std::function<bool(const std::string& key, v1::Entry entry)>;
  // How far a scan came, and whether it saw everything.
  struct Scanned {
    std::string to;
    // What the principal may see.
    size_t entries = 0;
    size_t passed_over = 0;
    bool all = false;
  };
  // Visits what the principal may see and the filter matches, by key, and ends behind `max_entries` that he may see.
  absl::StatusOr<Scanned> Scan(int64_t revision, const std::string& after, size_t max_entries,
                               const Visit& visit) const;
  absl::StatusOr<bool> FillByKey(PageToken& token, Page& page) const;
  absl::StatusOr<bool> FillInOrder(PageToken& token, Page& page) const;
  // The entry that ended the page before. INVALID_ARGUMENT that blames the token if there is none.
  absl::StatusOr<v1::Entry> EntryAt(const PageToken& token) const;

  RegistryStore& store_;
  const ListRequest& request_;
  filter::Filter filter_;
  filter::OrderBy order_;
  std::string canonical_;
};

}  // namespace orewatch::registry
