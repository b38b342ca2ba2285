#include "services/registry/engine/registry.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/domain/search_terms.h"
#include "services/registry/domain/visibility.h"
#include "services/registry/engine/listing.h"
#include "services/registry/engine/metadata.h"
#include "services/registry/engine/sight.h"

namespace orewatch::registry {
namespace {

// Of what a batch asks for in vain.
constexpr size_t kMissingNamed = 20;

absl::StatusOr<std::vector<EntryKey>> KeysOf(const std::vector<std::string>& names) {
  FieldViolations violations;
  std::vector<EntryKey> keys;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto name = ParseResourceName(names[i]);
    if (name.ok()) {
      keys.push_back({name->kind, names[i]});
    } else {
      violations.Add(absl::StrCat("names[", i, "]"), "is not the name of a resource");
    }
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return keys;
}

absl::Status NoneMissing(std::vector<std::string> missing) {
  if (missing.empty()) {
    return absl::OkStatus();
  }
  missing.resize(std::min(missing.size(), kMissingNamed));
  return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat(missing.front(), " does not exist"),
                   {{"names", absl::StrJoin(missing, ",")}});
}

}  // namespace

type::v1::Revision Registry::RevisionOf(int64_t number) const {
  type::v1::Revision revision;
  revision.set_lineage(store_.lineage());
  revision.set_number(number);
  return revision;
}

v1::Entry Registry::Shown(StoredEntry stored) const { return WithMetadata(store_.lineage(), std::move(stored)); }

absl::StatusOr<google::protobuf::Timestamp> Registry::CommitTimeOf(int64_t revision) const {
  // No change has so high a number: the set comes without its changes.
  constexpr int kBeyondTheLast = std::numeric_limits<int>::max();
  OREWATCH_ASSIGN_OR_RETURN(const v1::ChangeSet set, store_.ReadChanges(revision, kBeyondTheLast, 0));
  return set.commit_time();
}

absl::Status Registry::CheckMinRevision(int64_t min_revision) const {
  if (min_revision <= store_.head()) {
    return absl::OkStatus();
  }
  // Another replica may have committed it, and this one not heard of it yet.
  OREWATCH_ASSIGN_OR_RETURN(const int64_t head, store_.FindHead());
  return min_revision <= head
             ? absl::OkStatus()
             : MakeError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD",
                         absl::StrCat("revision ", min_revision, " does not exist; the head is ", head),
                         {{"head", absl::StrCat(head)}});
}

absl::StatusOr<v1::Entry> Registry::Get(const std::string& principal, Kind kind, const std::string& key) const {
  if (IsResource(kind)) {
    OREWATCH_RETURN_IF_ERROR(ParseNameOf(kind, key, "name").status());
  }
  OREWATCH_ASSIGN_OR_RETURN(auto seen, SeenNow(principal, store_.Find(kind, key)));
  return seen.has_value() ? absl::StatusOr<v1::Entry>(Shown(*std::move(seen))) : NoSuchEntry(key);
}

absl::StatusOr<std::optional<StoredEntry>> Registry::SeenNow(const std::string& principal,
                                                             absl::StatusOr<std::optional<StoredEntry>> found) const {
  if (!found.ok() || !found->has_value()) {
    return found;
  }
  return SeenBy(principal, **std::move(found),
                [this](const EntryKey& entry) { return store_.Find(entry.kind, entry.key); });
}

std::optional<absl::StatusOr<std::string>> Registry::GetFromMemory(const std::string& principal, Kind kind,
                                                                   const std::string& key) const {
  const auto stored = store_.FindInMemory(kind, key);
  if (stored == nullptr || stored->delete_time.has_value()) {
    return std::nullopt;
  }
  if (!MayRead(principal, stored->entry)) {
    return NoSuchEntry(key);
  }
  // The bytes of two messages, one after the other, are those of the message merged of both: nothing is copied.
  const google::protobuf::Message& kept = MessageIn(kind, stored->entry);
  const MessagePtr metadata(kept.New());
  SetMetadata(store_.lineage(), *stored, *metadata);
  std::string bytes;
  bytes.reserve(kept.ByteSizeLong() + metadata->ByteSizeLong());
  kept.AppendToString(&bytes);
  metadata->AppendToString(&bytes);
  return bytes;
}

absl::StatusOr<Page> Registry::BatchGet(const std::string& principal, const std::vector<std::string>& names) const {
  if (names.empty() || names.size() > kMaxBatch) {
    return InvalidField("names", absl::StrCat("must be between 1 and ", kMaxBatch));
  }
  OREWATCH_ASSIGN_OR_RETURN(const auto keys, KeysOf(names));
  OREWATCH_ASSIGN_OR_RETURN(FoundEntries found, store_.FindAll(keys, kMaxPageBytes));
  Page page;
  page.revision = found.revision;
  std::vector<std::string> missing;
  for (size_t i = 0; i < keys.size(); ++i) {
    // Where all are too large each is looked at by itself: the size of what is hidden tells that it is there.
    OREWATCH_ASSIGN_OR_RETURN(auto seen, SeenNow(principal, found.too_large ? store_.Find(keys[i].kind, keys[i].key)
                                                                            : std::move(found.entries[i])));
    if (!seen.has_value()) {
      missing.push_back(names[i]);
    } else if (!found.too_large) {
      page.entries.push_back(Shown(*std::move(seen)));
    }
  }
  OREWATCH_RETURN_IF_ERROR(NoneMissing(std::move(missing)));
  if (found.too_large) {
    return InvalidField("names", absl::StrCat("hold more than ", kMaxPageBytes, " bytes; ask for fewer at once"));
  }
  return page;
}

absl::StatusOr<PageToken> Registry::TokenOf(const PageRequest& request, const std::string& query) const {
  OREWATCH_RETURN_IF_ERROR(CheckMinRevision(request.min_revision));
  if (request.page_token.empty()) {
    return PageToken{store_.lineage(), store_.head(), clock_.Now() + kPageTokenLife, ""};
  }
  auto token = OpenToken(request.page_token, query);
  if (metrics_ != nullptr && !token.ok()) {
    metrics_->CountRejectedToken(token.status());
  }
  return token;
}

absl::StatusOr<PageToken> Registry::OpenToken(const std::string& text, const std::string& query) const {
  OREWATCH_ASSIGN_OR_RETURN(PageToken token, DecodePageToken(text, query, store_.secret(), clock_.Now()));
  if (token.lineage != store_.lineage() || token.revision < store_.earliest()) {
    return PageTokenExpired();
  }
  return token;
}

absl::StatusOr<Page> Registry::List(const ListRequest& request) const {
  OREWATCH_ASSIGN_OR_RETURN(const Listing listing, Listing::Create(store_, request));
  OREWATCH_ASSIGN_OR_RETURN(PageToken token, TokenOf(request.page, listing.canonical()));
  Page page;
  page.revision = token.revision;
  const auto more = listing.Fill(token, page);
  if (ErrorReason(more.status()) == "REVISION_COMPACTED") {
    return PageTokenExpired();
  }
  OREWATCH_RETURN_IF_ERROR(more.status());
  if (token.lineage != store_.lineage()) {
    // The database was restored meanwhile, and the page may hold something of both histories.
    return request.page.page_token.empty() ? List(request) : PageTokenExpired();
  }
  if (*more) {
    page.next_page_token = EncodePageToken(token, listing.canonical(), store_.secret());
  }
  return page;
}

absl::StatusOr<SearchPage> Registry::Search(const PageRequest& request, const std::string& query,
                                            const std::vector<Kind>& kinds) const {
  OREWATCH_ASSIGN_OR_RETURN(auto terms, ParseSearchQuery(query));
  const std::string bound = absl::StrCat(
      "search\n", request.principal, "\n",
      absl::StrJoin(kinds, ",", [](std::string* out, Kind kind) { absl::StrAppend(out, static_cast<int>(kind)); }),
      "\n", query);
  OREWATCH_ASSIGN_OR_RETURN(PageToken token, TokenOf(request, bound));
  SearchQuery scan{std::move(terms), kinds, request.principal, token.revision};
  if (!token.position.empty() && !absl::SimpleAtoi(token.position, &scan.skip)) {
    return InvalidField("page_token", "is not a token of this query");
  }
  SearchPage page;
  page.revision = token.revision;
  const auto more = FillMatches(request, scan, page);
  if (ErrorReason(more.status()) == "REVISION_COMPACTED") {
    return PageTokenExpired();
  }
  OREWATCH_RETURN_IF_ERROR(more.status());
  if (token.lineage != store_.lineage()) {
    // The database was restored meanwhile, and the page may hold something of another history.
    return request.page_token.empty() ? Search(request, query, kinds) : PageTokenExpired();
  }
  if (*more) {
    token.position = absl::StrCat(scan.skip);
    page.next_page_token = EncodePageToken(token, bound, store_.secret());
  }
  return page;
}

absl::StatusOr<bool> Registry::FillMatches(const PageRequest& request, SearchQuery& query, SearchPage& page) const {
  const auto wanted =
      static_cast<size_t>(request.page_size == 0 ? kDefaultSearchPage : std::min(request.page_size, kMaxSearchPage));
  const size_t size = std::min(wanted, kMaxSearchDepth - std::min(query.skip, kMaxSearchDepth));
  query.max_rows = size + 1;
  query.max_bytes = kMaxPageBytes;
  OREWATCH_ASSIGN_OR_RETURN(auto hits, store_.Search(query));
  size_t bytes = 0;
  for (SearchHit& hit : hits) {
    v1::Entry entry = Shown(std::move(hit.stored));
    bytes += entry.ByteSizeLong();
    if (page.matches.size() == size || (bytes > kMaxPageBytes && !page.matches.empty())) {
      return query.skip < kMaxSearchDepth;
    }
    page.matches.push_back({std::move(entry), hit.score});
    ++query.skip;
  }
  return false;
}

}  // namespace orewatch::registry
