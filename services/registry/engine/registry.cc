#include "services/registry/engine/registry.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/hash/sha256.h"
#include "common/status/status.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/domain/search_terms.h"
#include "services/registry/domain/visibility.h"
#include "services/registry/engine/listing.h"
#include "services/registry/engine/metadata.h"
#include "services/registry/engine/sight.h"

namespace orewatch::registry {
namespace {

constexpr int kPurgedAtOnce = 1000;
constexpr int kChangesCompactedAtOnce = 20'000;
constexpr absl::Duration kFollowersRetryAfter = absl::Minutes(1);
constexpr int kDroppedAtOnce = 2000;
// Of what a batch asks for in vain.
constexpr size_t kMissingNamed = 20;
constexpr char kOnlyValidated[] = "ONLY_VALIDATED";
constexpr char kItself[] = "orewatch-registry";

v1::Entry TodayAt(absl::Time time) {
  const absl::CivilDay day = absl::ToCivilDay(time, absl::UTCTimeZone());
  v1::Entry today;
  today.mutable_today()->set_name(std::string(kTodayName));
  today.mutable_today()->mutable_date()->set_year(static_cast<int32_t>(day.year()));
  today.mutable_today()->mutable_date()->set_month(day.month());
  today.mutable_today()->mutable_date()->set_day(day.day());
  return today;
}

absl::Status Purge(const std::vector<EntryKey>& entries, absl::Time expired, WriteTransaction& transaction) {
  for (const EntryKey& entry : entries) {
    OREWATCH_ASSIGN_OR_RETURN(const auto found, transaction.Find(entry.kind, entry.key));
    // It may have been undeleted since it was looked up.
    if (found.has_value() && found->delete_time.value_or(absl::InfiniteFuture()) < expired) {
      OREWATCH_RETURN_IF_ERROR(transaction.Delete(entry.kind, entry.key));
    }
  }
  return absl::OkStatus();
}

// Before it is committed: a caller must be able to take the answer.
absl::StatusOr<std::string> CheckAnswer(const v1::ApplyChangesResponse& response) {
  return response.ByteSizeLong() <= kMaxPageBytes
             ? absl::StatusOr<std::string>(response.SerializeAsString())
             : InvalidField("mutations", "are more than an answer can tell of; send fewer at once, or import them");
}

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

bool Before(const type::v1::PartialDate& a, const type::v1::PartialDate& b) {
  return std::make_tuple(a.year(), a.month(), a.day()) < std::make_tuple(b.year(), b.month(), b.day());
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

absl::Status Registry::NoteFollower(const Follower& follower, int64_t revision) {
  if (!IsKebab(follower.name)) {
    return InvalidField("follower", "must be 1 to 63 of a-z, 0-9 and -");
  }
  absl::MutexLock lock(&followers_mutex_);
  if (noted_.size() >= kMaxNotedAtOnce) {
    return OverloadError("TOO_MANY_FOLLOWERS", "too many followers have begun to read lately", kFollowersRetryAfter);
  }
  // A principal holds no blank, so that nobody moves what another has noted.
  noted_[absl::StrCat(follower.principal, " ", follower.name)] = revision;
  return absl::OkStatus();
}

absl::Status Registry::KeepFollowers() {
  absl::flat_hash_map<std::string, int64_t> noted;
  {
    absl::MutexLock lock(&followers_mutex_);
    noted = noted_;
  }
  if (noted.empty()) {
    return absl::OkStatus();
  }
  const auto keep = [&](WriteTransaction& transaction) -> absl::Status {
    for (const auto& [follower, revision] : noted) {
      OREWATCH_RETURN_IF_ERROR(transaction.NoteFollower(follower, revision));
    }
    return absl::OkStatus();
  };
  OREWATCH_RETURN_IF_ERROR(store_.Commit({kItself, ""}, keep).status());
  absl::MutexLock lock(&followers_mutex_);
  for (const auto& [follower, revision] : noted) {
    if (const auto last = noted_.find(follower); last != noted_.end() && last->second == revision) {
      noted_.erase(last);
    }
  }
  return absl::OkStatus();
}

absl::Status Registry::Compact(int64_t revision) {
  if (revision < 1) {
    return InvalidField("revision", "must be at least 1");
  }
  OREWATCH_RETURN_IF_ERROR(CheckMinRevision(revision));
  OREWATCH_RETURN_IF_ERROR(KeepFollowers());
  OREWATCH_ASSIGN_OR_RETURN(const int64_t old_enough, store_.RevisionAt(clock_.Now() - kHistoryKept));
  OREWATCH_ASSIGN_OR_RETURN(const auto slowest, store_.SlowestFollower(clock_.Now() - kFollowersKept));
  const int64_t latest = std::min(old_enough, slowest.value_or(old_enough));
  if (revision > latest) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "STILL_NEEDED",
                     absl::StrCat("revision ", revision, " may still be read; the latest to compact is ", latest),
                     {{"latest", absl::StrCat(latest)}});
  }
  while (store_.earliest() < revision) {
    // In steps, so that other writes have their turn.
    OREWATCH_ASSIGN_OR_RETURN(const int64_t reached,
                              store_.RevisionReached(store_.earliest(), kChangesCompactedAtOnce));
    const int64_t next = std::min(reached, revision);
    const auto compact = [&](WriteTransaction& transaction) { return transaction.Compact(next); };
    OREWATCH_RETURN_IF_ERROR(store_.Commit({kItself, ""}, compact).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<Registry::WriteAnswer> Registry::WriteOnce(const WriteOptions& options,
                                                          const std::vector<EntryKey>& touched, const Body& body) {
  WriteAnswer answer;
  bool mismatch = false;
  const std::string digest = Sha256Of(options.payload);
  const auto write = [&](WriteTransaction& transaction) -> absl::Status {
    const bool repeatable = !options.author.request_id.empty() && !options.validate_only;
    if (repeatable) {
      OREWATCH_ASSIGN_OR_RETURN(const auto past, transaction.FindRequest(options.author));
      if (past.has_value()) {
        answer = {past->answer, /*replayed=*/true};
        mismatch = past->digest != digest;
        return mismatch ? InvalidField("request_id", "was used for another request within the last day")
                        : absl::OkStatus();
      }
    }
    OREWATCH_ASSIGN_OR_RETURN(answer.bytes, body(transaction));
    if (options.validate_only) {
      return MakeError(absl::StatusCode::kCancelled, kOnlyValidated, "rolled back");
    }
    return repeatable ? transaction.KeepRequest(options.author, {digest, answer.bytes}) : absl::OkStatus();
  };
  const auto committed = store_.CommitTouching(touched, options.author, write);
  if (metrics_ != nullptr && answer.replayed) {
    mismatch ? metrics_->CountMismatch() : metrics_->CountReplay();
  }
  if (!committed.ok() && ErrorReason(committed.status()) != kOnlyValidated) {
    return committed.status();
  }
  return answer;
}

absl::StatusOr<std::string> Registry::WriteAndCount(const std::vector<Mutation>& mutations, const WriteOptions& options,
                                                    const Body& body) {
  absl::StatusOr<WriteAnswer> answer = WriteAnswer();
  if (absl::Status status = CheckMutations(mutations); status.ok()) {
    answer = WriteOnce(options, TouchedBy(mutations), body);
  } else {
    answer = std::move(status);
  }
  const bool counts = metrics_ != nullptr && !options.validate_only;
  if (counts && !answer.ok()) {
    metrics_->CountFailure(mutations, answer.status());
  } else if (counts) {
    metrics_->CountMutations(
        mutations, answer->replayed ? RegistryMetrics::Outcome::kReplayed : RegistryMetrics::Outcome::kCommitted);
  }
  OREWATCH_RETURN_IF_ERROR(answer.status());
  return std::move(answer->bytes);
}

absl::StatusOr<v1::Entry> Registry::Apply(const Mutation& mutation, const WriteOptions& options) {
  const std::vector<Mutation> mutations = {mutation};
  OREWATCH_ASSIGN_OR_RETURN(
      const std::string answer,
      WriteAndCount(mutations, options, [&](WriteTransaction& transaction) -> absl::StatusOr<std::string> {
        ChangeSetWriter writer(transaction, options.author.principal, store_.lineage());
        OREWATCH_RETURN_IF_ERROR(writer.ApplyAll(mutations));
        return Shown(writer.results().front()).SerializeAsString();
      }));
  v1::Entry entry;
  entry.ParseFromString(answer);
  return entry;
}

absl::StatusOr<v1::ApplyChangesResponse> Registry::ApplyAll(const std::vector<Mutation>& mutations,
                                                            const WriteOptions& options) {
  if (mutations.empty() || mutations.size() > kMaxMutations) {
    return InvalidField("mutations", absl::StrCat("must be between 1 and ", kMaxMutations));
  }
  OREWATCH_ASSIGN_OR_RETURN(
      const std::string answer,
      WriteAndCount(mutations, options, [&](WriteTransaction& transaction) -> absl::StatusOr<std::string> {
        ChangeSetWriter writer(transaction, options.author.principal, store_.lineage());
        OREWATCH_RETURN_IF_ERROR(writer.ApplyAll(mutations));
        v1::ApplyChangesResponse response;
        *response.mutable_revision() = RevisionOf(transaction.revision() - (writer.changed() ? 0 : 1));
        for (size_t i = 0; i < mutations.size(); ++i) {
          auto& result = *response.add_results();
          result.set_name(mutations[i].key);
          if (IsResource(mutations[i].kind) && !writer.results()[i].key.empty()) {
            result.set_etag(EtagOf(store_.lineage(), writer.results()[i].from_revision));
          }
        }
        return CheckAnswer(response);
      }));
  v1::ApplyChangesResponse response;
  response.ParseFromString(answer);
  return response;
}

absl::Status Registry::CommitToday() {
  const v1::Entry today = TodayAt(clock_.Now());
  return store_
      .Commit({kItself, ""},
              [&](WriteTransaction& transaction) -> absl::Status {
                OREWATCH_ASSIGN_OR_RETURN(const auto live, transaction.Find(Kind::kToday, std::string(kTodayName)));
                // A clock that was set back takes no day back.
                if (live.has_value() && !Before(live->entry.today().date(), today.today().date())) {
                  return absl::OkStatus();
                }
                return transaction.Put(Kind::kToday, std::string(kTodayName), today);
              })
      .status();
}

absl::StatusOr<int> Registry::PurgeExpired() {
  const absl::Time expired = clock_.Now() - kDeletedKept;
  int purged = 0;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const auto entries, store_.DeletedBefore(expired, kPurgedAtOnce));
    if (entries.empty()) {
      return purged;
    }
    const auto purge = [&](WriteTransaction& transaction) { return Purge(entries, expired, transaction); };
    OREWATCH_RETURN_IF_ERROR(store_.Commit({kItself, ""}, purge).status());
    purged += static_cast<int>(entries.size());
  }
}

absl::StatusOr<bool> Registry::DropSearched() {
  OREWATCH_ASSIGN_OR_RETURN(const int64_t unneeded, store_.RevisionAt(clock_.Now() - kPageTokenLife));
  OREWATCH_ASSIGN_OR_RETURN(const int64_t dropped, store_.EarliestSearched());
  if (dropped >= unneeded) {
    return false;
  }
  const auto drop = [&](WriteTransaction& transaction) { return transaction.DropSearched(unneeded, kDroppedAtOnce); };
  OREWATCH_RETURN_IF_ERROR(store_.Commit({kItself, ""}, drop).status());
  return true;
}

absl::Status LineageChanged(const std::string& now) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED",
                   "the registry has another history; load it again", {{"lineage", now}});
}

absl::Status CheckSameLineage(const std::string& begun_with, const std::string& now) {
  return begun_with == now ? absl::OkStatus() : LineageChanged(now);
}

}  // namespace orewatch::registry
