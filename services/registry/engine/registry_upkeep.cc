// What the registry does by itself as time goes on: days that begin, and what is ended, compacted and forgotten.
#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/engine/metadata.h"
#include "services/registry/engine/registry.h"

namespace orewatch::registry {
namespace {

constexpr int kPurgedAtOnce = 1000;
constexpr int kChangesCompactedAtOnce = 20'000;
constexpr absl::Duration kFollowersRetryAfter = absl::Minutes(1);
constexpr int kDroppedAtOnce = 2000;
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

bool Before(const type::v1::PartialDate& a, const type::v1::PartialDate& b) {
  return std::make_tuple(a.year(), a.month(), a.day()) < std::make_tuple(b.year(), b.month(), b.day());
}

}  // namespace

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

}  // namespace orewatch::registry
