// What has happened: the part of the registry that tells of it.
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/domain/visibility.h"
#include "services/registry/engine/metadata.h"
#include "services/registry/engine/registry.h"
#include "services/registry/engine/sight.h"

namespace orewatch::registry {

absl::Status Registry::CheckHistoryReadable(const std::string& principal, const EntryKey& entry) const {
  OREWATCH_ASSIGN_OR_RETURN(auto stored, store_.Find(entry.kind, entry.key));
  if (stored.has_value()) {
    OREWATCH_ASSIGN_OR_RETURN(const auto seen, SeenNow(principal, std::move(stored)));
    return seen.has_value() ? absl::OkStatus() : NoSuchEntry(entry.key);
  }
  OREWATCH_ASSIGN_OR_RETURN(const HistoryResult last, store_.ReadHistory({entry, 0, /*newest_first=*/true, 1, 0}));
  if (last.sets.empty() || !ChangeSeenBy(Viewer{principal}, last.sets.front().changes(0)).has_value()) {
    return NoSuchEntry(entry.key);
  }
  const auto container = SharedSightOf(last.sets.front().changes(0).before());
  const bool seen = !container.has_value() || CheckHistoryReadable(principal, *container).ok();
  return seen ? absl::OkStatus() : NoSuchEntry(entry.key);
}

absl::StatusOr<HistoryPage> Registry::ListChanges(const PageRequest& request, const std::string& name,
                                                  bool oldest_first) const {
  const auto parsed = ParseResourceName(name);
  if (!parsed.ok()) {
    return InvalidField("name", "is not the name of a resource");
  }
  const std::string query = absl::StrCat("changes\n", request.principal, "\n", name, "\n", oldest_first);
  OREWATCH_ASSIGN_OR_RETURN(PageToken token, TokenOf(request, query));
  const EntryKey entry{parsed->kind, name};
  OREWATCH_RETURN_IF_ERROR(CheckHistoryReadable(request.principal, entry));
  HistoryQuery history{entry, 0, !oldest_first, SizeOf(request) + 1, kMaxPageBytes};
  if (!token.position.empty() && !absl::SimpleAtoi(token.position, &history.from)) {
    return InvalidField("page_token", "is not a token of this query");
  }
  HistoryPage page;
  page.revision = token.revision;
  OREWATCH_ASSIGN_OR_RETURN(const bool more, FillHistory(request, history, page));
  if (more) {
    token.position = absl::StrCat(history.from);
    page.next_page_token = EncodePageToken(token, query, store_.secret());
  }
  return page;
}

absl::StatusOr<bool> Registry::FillHistory(const PageRequest& request, HistoryQuery& history, HistoryPage& page) const {
  HistoryQuery scan = history;
  size_t bytes = 0;
  for (size_t passed_over = 0; passed_over < kMaxPassedOver;) {
    OREWATCH_ASSIGN_OR_RETURN(HistoryResult result, store_.ReadHistory(scan));
    for (v1::ChangeSet& set : result.sets) {
      scan.from = set.revision().number();
      auto seen = ChangeSeenBy(Viewer{request.principal}, std::move(*set.mutable_changes(0)));
      if (!seen.has_value() || scan.from > page.revision) {
        ++passed_over;
        continue;
      }
      *set.mutable_changes(0) = *std::move(seen);
      bytes += set.ByteSizeLong();
      if (page.change_sets.size() == SizeOf(request) || (bytes > kMaxPageBytes && !page.change_sets.empty())) {
        return true;
      }
      history.from = scan.from;
      page.change_sets.push_back(std::move(set));
    }
    if (!result.more) {
      return false;
    }
  }
  history.from = scan.from;
  return true;
}

absl::Status Registry::CheckContinues(const type::v1::Revision& after, const std::string& digest) const {
  OREWATCH_RETURN_IF_ERROR(CheckMinRevision(after.number()));
  if (after.number() < store_.earliest()) {
    return MakeError(absl::StatusCode::kOutOfRange, "REVISION_COMPACTED",
                     absl::StrCat("revision ", after.number(), " has been compacted; load the registry again"),
                     {{"earliest_revision", absl::StrCat(store_.earliest())}});
  }
  bool same = after.lineage().empty() || after.lineage() == store_.lineage();
  if (!digest.empty()) {
    OREWATCH_ASSIGN_OR_RETURN(const std::string ours, store_.DigestAt(after.number()));
    same = ours == digest;
  }
  return same ? absl::OkStatus() : LineageChanged(store_.lineage());
}

absl::Status LineageChanged(const std::string& now) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED",
                   "the registry has another history; load it again", {{"lineage", now}});
}

absl::Status CheckSameLineage(const std::string& begun_with, const std::string& now) {
  return begun_with == now ? absl::OkStatus() : LineageChanged(now);
}

}  // namespace orewatch::registry
