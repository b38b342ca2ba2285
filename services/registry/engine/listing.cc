#include "services/registry/engine/listing.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/engine/metadata.h"
#include "services/registry/engine/ordered_rows.h"
#include "services/registry/engine/sight.h"

namespace orewatch::registry {
namespace {

// Finds containers, which in a list are mostly that of the entry before.
class LastContainer {
 public:
  explicit LastContainer(RegistryStore& store) : store_(store) {}
  absl::StatusOr<std::optional<StoredEntry>> Find(const EntryKey& key) {
    if (key != key_) {
      OREWATCH_ASSIGN_OR_RETURN(found_, store_.Find(key.kind, key.key));
      key_ = key;
    }
    return found_;
  }

 private:
  RegistryStore& store_;
  EntryKey key_;
  std::optional<StoredEntry> found_;
};

}  // namespace

size_t SizeOf(const PageRequest& request) {
  return static_cast<size_t>(request.page_size == 0 ? kDefaultPageSize : std::min(request.page_size, kMaxPageSize));
}

Listing::Listing(RegistryStore& store, const ListRequest& request, filter::Filter filter, filter::OrderBy order)
    : store_(store),
      request_(request),
      filter_(std::move(filter)),
      order_(std::move(order)),
      canonical_(absl::StrCat("list\n", request.page.principal, "\n", static_cast<int>(request.kind), "\n",
                              request.prefix, "\n", request.show_deleted, "\n", filter_.canonical(), "\n",
                              order_.canonical())) {}

absl::StatusOr<Listing> Listing::Create(RegistryStore& store, const ListRequest& request) {
  v1::Entry entry;
  const auto& type = *MutableMessageIn(request.kind, entry).GetDescriptor();
  OREWATCH_ASSIGN_OR_RETURN(auto filter, filter::Filter::Parse(request.filter, type));
  OREWATCH_ASSIGN_OR_RETURN(auto order, filter::OrderBy::Parse(request.order_by, type));
  return Listing(store, request, std::move(filter), std::move(order));
}

absl::StatusOr<bool> Listing::Fill(PageToken& token, Page& page) const {
  return order_.canonical().empty() ? FillByKey(token, page) : FillInOrder(token, page);
}

absl::StatusOr<Listing::Scanned> Listing::Scan(int64_t revision, const std::string& after, size_t max_entries,
                                               const Visit& visit) const {
  LastContainer last(store_);
  const auto container = [&last](const EntryKey& key) { return last.Find(key); };
  const bool shows_all = request_.filter.empty() && order_.canonical().empty();
  size_t rows_at_once = shows_all ? SizeOf(request_.page) + 1 : kMaxPageSize;
  Scanned scanned{after};
  while (scanned.entries < max_entries && scanned.passed_over < kMaxPassedOver) {
    OREWATCH_ASSIGN_OR_RETURN(ListResult result, store_.List({request_.kind, request_.prefix, scanned.to, revision,
                                                              rows_at_once, kMaxPageBytes, request_.show_deleted}));
    rows_at_once = kMaxPageSize;
    for (StoredEntry& stored : result.entries) {
      scanned.to = stored.key;
      OREWATCH_ASSIGN_OR_RETURN(auto seen, SeenBy(request_.page.principal, std::move(stored), container));
      ++(seen.has_value() ? scanned.entries : scanned.passed_over);
      if (!seen.has_value()) {
        continue;
      }
      v1::Entry shown = WithMetadata(store_.lineage(), *std::move(seen));
      if (filter_.Matches(MessageIn(request_.kind, shown)) && !visit(scanned.to, std::move(shown))) {
        return scanned;
      }
    }
    if (!result.more) {
      scanned.all = true;
      return scanned;
    }
  }
  return scanned;
}

absl::StatusOr<bool> Listing::FillByKey(PageToken& token, Page& page) const {
  size_t bytes = 0;
  bool full = false;
  const auto add = [&](const std::string& key, v1::Entry entry) {
    bytes += entry.ByteSizeLong();
    // Only what may be seen is told of, also that there is more.
    full = page.entries.size() == SizeOf(request_.page) || (bytes > kMaxPageBytes && !page.entries.empty());
    if (!full) {
      token.position = key;
      page.entries.push_back(std::move(entry));
    }
    return !full;
  };
  OREWATCH_ASSIGN_OR_RETURN(const Scanned scanned, Scan(token.revision, token.position, kMaxScanned, add));
  if (!full) {
    token.position = scanned.to;
  }
  return !scanned.all;
}

absl::StatusOr<v1::Entry> Listing::EntryAt(const PageToken& token) const {
  OREWATCH_ASSIGN_OR_RETURN(ListResult found, store_.List({request_.kind, token.position, "", token.revision, 1,
                                                           kMaxPageBytes, request_.show_deleted}));
  if (found.entries.empty() || found.entries.front().key != token.position) {
    return InvalidField("page_token", "is not a token of this query");
  }
  LastContainer last(store_);
  OREWATCH_ASSIGN_OR_RETURN(auto seen, SeenBy(request_.page.principal, std::move(found.entries.front()),
                                              [&last](const EntryKey& key) { return last.Find(key); }));
  return seen.has_value() ? absl::StatusOr<v1::Entry>(WithMetadata(store_.lineage(), *std::move(seen)))
                          : PageTokenExpired();
}

absl::StatusOr<bool> Listing::FillInOrder(PageToken& token, Page& page) const {
  OrderedRows rows(request_.kind, order_, SizeOf(request_.page), kMaxPageBytes);
  if (!token.position.empty()) {
    OREWATCH_ASSIGN_OR_RETURN(v1::Entry last, EntryAt(token));
    rows.After({token.position, std::move(last)});
  }
  const auto offer = [&](const std::string& key, v1::Entry entry) {
    rows.Offer({key, std::move(entry)});
    return true;
  };
  OREWATCH_ASSIGN_OR_RETURN(const Scanned scanned, Scan(token.revision, "", kMaxOrdered + 1, offer));
  if (scanned.entries > kMaxOrdered || !scanned.all) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "TOO_MANY_TO_ORDER",
                     absl::StrCat("more than ", kMaxOrdered, " entries cannot be put in order; list them by name"));
  }
  for (OrderedRows::Row& row : rows.Take()) {
    token.position = std::move(row.key);
    page.entries.push_back(std::move(row.entry));
  }
  return rows.more();
}

}  // namespace orewatch::registry
