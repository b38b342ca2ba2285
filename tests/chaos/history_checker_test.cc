// The checker is fed runs with one fault each, and must find it; a run without a fault must pass.
#include "tests/chaos/history_checker.h"

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/time/proto_time.h"
#include "services/registry/domain/change_digest.h"
#include "services/registry/domain/kinds.h"

namespace orewatch::testing {
namespace {

using registry::v1::Change;
using registry::v1::ChangeSet;
using registry::v1::Entry;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Outcome = RecordedWrite::Outcome;

Entry Mineral(const std::string& id, const std::string& display_name) {
  Entry entry;
  entry.mutable_mineral()->set_name("minerals/" + id);
  entry.mutable_mineral()->set_display_name(display_name);
  return entry;
}

Change Created(const Entry& after) {
  Change change;
  change.set_operation(Change::OPERATION_CREATE);
  change.set_name(after.mineral().name());
  *change.mutable_after() = after;
  return change;
}

Change Updated(const Entry& before, const Entry& after) {
  Change change = Created(after);
  change.set_operation(Change::OPERATION_UPDATE);
  *change.mutable_before() = before;
  return change;
}

Change Deleted(const Entry& before) {
  Change change;
  change.set_operation(Change::OPERATION_DELETE);
  change.set_name(before.mineral().name());
  *change.mutable_before() = before;
  return change;
}

ChangeSet Set(int64_t revision, const std::vector<Change>& changes) {
  ChangeSet set;
  set.mutable_revision()->set_lineage("one");
  set.mutable_revision()->set_number(revision);
  *set.mutable_commit_time() = ToProto(absl::FromUnixMicros(1'000'000 * revision));
  set.mutable_principal()->set_subject("anonymous");
  set.set_request_id(absl::StrCat("request-", revision));
  set.mutable_changes()->Assign(changes.begin(), changes.end());
  set.set_last_chunk(true);
  return set;
}

constexpr char kSecret[] = "secret";

// Digests that follow from the contents, whatever these are.
void SealAll(History& history) {
  std::string digest;
  for (ChangeSet& set : history) {
    digest = registry::DigestOf(set, digest, kSecret);
    set.set_digest(digest);
  }
}

// Tin and zinc are created together, tin is renamed, zinc is deleted.
class HistoryCheckerTest : public ::testing::Test {
 protected:
  HistoryCheckerTest() {
    history_ = {Set(1, {Created(tin_), Created(zinc_)}), Set(2, {Updated(tin_, new_tin_)}), Set(3, {Deleted(zinc_)})};
    SealAll(history_);
    for (const ChangeSet& set : history_) {
      RecordedWrite& write = writes_.emplace_back();
      write.request_id = set.request_id();
      write.outcome = Outcome::kAcknowledged;
      write.revision = set.revision();
      for (const Change& change : set.changes()) {
        write.changes.push_back({change.operation(), change.name(), change.after()});
      }
      watch_.sets.push_back({set.revision(), FingerprintOf(set)});
    }
    watch_.watcher = "watcher";
    head_.set_digest(history_.back().digest());
    *head_.mutable_revision() = history_.back().revision();
  }

  std::vector<std::string> Faults() {
    HistoryChecker checker(history_, kSecret);
    checker.CheckHead(head_);
    checker.CheckWrites(writes_);
    checker.CheckWatch(watch_);
    return checker.faults();
  }
  // Of the history by itself.
  std::vector<std::string> FaultsOfHistory() const { return HistoryChecker(history_, kSecret).faults(); }
  std::vector<std::string> FaultsOfRead(const RecordedRead& read) const {
    HistoryChecker checker(history_, kSecret);
    checker.CheckRead(read);
    return checker.faults();
  }
  static RecordedRead ReadOf(Entry shown, int64_t shown_revision, int64_t min_revision) {
    RecordedRead read{{shown.mineral().name()}, min_revision};
    shown.mutable_mineral()->mutable_metadata()->mutable_revision()->set_number(shown_revision);
    read.entries = {shown};
    return read;
  }

  const Entry tin_ = Mineral("tin", "Tin");
  const Entry new_tin_ = Mineral("tin", "Sn");
  const Entry zinc_ = Mineral("zinc", "Zinc");
  History history_;
  std::vector<RecordedWrite> writes_;
  RecordedWatch watch_;
  registry::v1::GetHeadResponse head_;
};

TEST_F(HistoryCheckerTest, ARunWithoutAFaultPasses) { EXPECT_THAT(Faults(), IsEmpty()); }

TEST_F(HistoryCheckerTest, WhatTheRegistryWritesItselfNeedsNoWriter) {
  history_.back().mutable_principal()->set_subject("orewatch-registry");
  SealAll(history_);
  HistoryChecker checker(history_, kSecret);
  writes_.pop_back();
  checker.CheckWrites(writes_);
  EXPECT_THAT(checker.faults(), IsEmpty());
}

TEST_F(HistoryCheckerTest, FindsALostWrite) {
  RecordedWrite& lost = writes_.emplace_back(writes_[1]);
  lost.request_id = "lost";
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("lost was acknowledged at revision 2 and is lost")));
}

TEST_F(HistoryCheckerTest, FindsAWriteThatStandsTwice) {
  writes_[0].request_id = history_[1].request_id();
  history_[0].set_request_id(history_[1].request_id());
  SealAll(history_);
  HistoryChecker checker(history_, kSecret);
  checker.CheckWrites({writes_[0], writes_[2]});
  EXPECT_THAT(checker.faults(), ElementsAre(HasSubstr("stands 2 times")));
}

TEST_F(HistoryCheckerTest, FindsAWriteThatStandsElsewhereThanItWasAcknowledged) {
  writes_[1].revision.set_number(3);
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("acknowledged at revision 3 and stands at 2")));
}

TEST_F(HistoryCheckerTest, FindsAWriteWhoseContentIsAnother) {
  writes_[1].changes[0].after = zinc_;
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("to what request-2 did not write")));
}

TEST_F(HistoryCheckerTest, FindsARefusedWriteThatStands) {
  writes_[1].outcome = Outcome::kRefused;
  writes_[1].error = absl::AbortedError("stale");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("was refused (ABORTED: stale) and stands at revision 2")));
}

TEST_F(HistoryCheckerTest, AWriteOfWhichNobodyToldMayStandOrNot) {
  writes_[1].outcome = Outcome::kUnknown;
  RecordedWrite& absent = writes_.emplace_back(writes_[1]);
  absent.request_id = "absent";
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(HistoryCheckerTest, FindsATornWriteEvenOneOfWhichNobodyTold) {
  history_[0].mutable_changes()->RemoveLast();
  history_.pop_back();
  SealAll(history_);
  writes_[0].outcome = Outcome::kUnknown;
  HistoryChecker checker(history_, kSecret);
  checker.CheckWrites({writes_[0], writes_[1]});
  EXPECT_THAT(checker.faults(), ElementsAre(HasSubstr("revision 1 lacks the change of minerals/zinc")));
}

TEST_F(HistoryCheckerTest, FindsAChangeThatTheWriteDidNotAskFor) {
  writes_[0].changes.pop_back();
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("changes minerals/zinc, which request-1 did not")));
}

TEST_F(HistoryCheckerTest, FindsARevisionThatNobodyWrote) {
  writes_.pop_back();
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("revision 3 was written by nobody")));
}

TEST_F(HistoryCheckerTest, FindsAGapInTheHistory) {
  history_.back().mutable_revision()->set_number(4);
  SealAll(history_);
  EXPECT_THAT(FaultsOfHistory(), ElementsAre("revision 3 was to come, and 4 came"));
}

TEST_F(HistoryCheckerTest, FindsARevisionThatTheHistoryHasTwice) {
  history_.back().mutable_revision()->set_number(2);
  SealAll(history_);
  EXPECT_THAT(FaultsOfHistory(), ElementsAre("revision 3 was to come, and 2 came"));
}

TEST_F(HistoryCheckerTest, FindsATimeThatDoesNotRise) {
  *history_[1].mutable_commit_time() = history_[0].commit_time();
  SealAll(history_);
  EXPECT_THAT(FaultsOfHistory(), ElementsAre("revision 2 was not committed after the one before"));
}

TEST_F(HistoryCheckerTest, FindsAnotherLineage) {
  history_[1].mutable_revision()->set_lineage("two");
  EXPECT_THAT(FaultsOfHistory(), ElementsAre("revision 2 is of another lineage"));
}

TEST_F(HistoryCheckerTest, ALineageThatAFailOverRenewedIsTheSameHistory) {
  for (ChangeSet& set : history_) {
    set.mutable_revision()->set_lineage("two");
  }
  HistoryChecker checker(history_, kSecret, {"one"});
  checker.CheckWrites(writes_);
  checker.CheckWatch(watch_);
  EXPECT_THAT(checker.faults(), IsEmpty());
  // Never back to the one before.
  watch_.sets[0].revision.set_lineage("two");
  watch_.sets[2].revision.set_lineage("two");
  checker.CheckWatch(watch_);
  EXPECT_THAT(checker.faults(), ElementsAre("watcher saw revision 2 in another lineage"));
}

TEST_F(HistoryCheckerTest, FindsAWatcherOfAnotherLineage) {
  watch_.sets[1].revision.set_lineage("other");
  EXPECT_THAT(Faults(), ElementsAre("watcher saw revision 2 in another lineage"));
}

TEST_F(HistoryCheckerTest, FindsAWrongBefore) {
  *history_[1].mutable_changes(0)->mutable_before() = new_tin_;
  EXPECT_THAT(FaultsOfHistory(), ElementsAre(HasSubstr("what minerals/tin is said to have been before")));
}

TEST_F(HistoryCheckerTest, FindsAnUpdateOfWhatIsNotThere) {
  history_.push_back(Set(4, {Updated(zinc_, Mineral("zinc", "Zn"))}));
  SealAll(history_);
  EXPECT_THAT(FaultsOfHistory(), ElementsAre("revision 4: OPERATION_UPDATE of minerals/zinc, which was not there"));
}

TEST_F(HistoryCheckerTest, FindsANameThatIsUsedAgain) {
  history_.push_back(Set(4, {Created(zinc_)}));
  SealAll(history_);
  EXPECT_THAT(FaultsOfHistory(), ElementsAre("revision 4 creates minerals/zinc, a name that had been used"));
}

TEST_F(HistoryCheckerTest, FindsADigestThatDoesNotFollowFromTheContents) {
  history_[1].mutable_changes(0)->mutable_after()->mutable_mineral()->set_display_name("Zinn");
  EXPECT_THAT(FaultsOfHistory(), ElementsAre(HasSubstr("revision 2 has the digest")));
}

TEST_F(HistoryCheckerTest, FindsAHeadThatIsNotTheLastRevision) {
  head_.mutable_revision()->set_number(2);
  EXPECT_THAT(Faults(), ElementsAre("the head is said to be 2, and the history ends at 3"));
  head_.mutable_revision()->set_number(3);
  head_.set_digest("other");
  EXPECT_THAT(Faults(), ElementsAre("the digest of the head does not follow from the contents"));
}

TEST_F(HistoryCheckerTest, FindsARevisionThatAWatcherMissed) {
  watch_.sets.erase(watch_.sets.begin() + 1);
  EXPECT_THAT(Faults(), ElementsAre("watcher: revision 2 was to come, and 3 came"));
}

TEST_F(HistoryCheckerTest, FindsARevisionThatAWatcherSawTwice) {
  watch_.sets.insert(watch_.sets.begin() + 1, watch_.sets[0]);
  EXPECT_THAT(Faults(), ElementsAre("watcher: revision 2 was to come, and 1 came"));
}

TEST_F(HistoryCheckerTest, FindsRevisionsThatAWatcherSawInAnotherOrder) {
  std::swap(watch_.sets[0], watch_.sets[1]);
  EXPECT_THAT(Faults(), ::testing::Contains("watcher: revision 1 was to come, and 2 came"));
}

TEST_F(HistoryCheckerTest, FindsAWatcherThatSawOtherContents) {
  ChangeSet torn = history_[0];
  torn.mutable_changes()->RemoveLast();
  watch_.sets[0].fingerprint = FingerprintOf(torn);
  EXPECT_THAT(Faults(), ElementsAre("watcher saw another revision 1 than the history has"));
}

TEST_F(HistoryCheckerTest, FindsAWatcherThatDidNotSeeTheEnd) {
  watch_.sets.pop_back();
  EXPECT_THAT(Faults(), ElementsAre("watcher saw the last of revision 2 of 3"));
}

TEST_F(HistoryCheckerTest, PassesOnWhatAWatcherWasRefusedFor) {
  watch_.errors = {"OUT_OF_RANGE"};
  EXPECT_THAT(Faults(), ElementsAre("watcher: OUT_OF_RANGE"));
}

TEST_F(HistoryCheckerTest, AReadShowsWhatTheReaderHadBeenToldOfOrLater) {
  EXPECT_THAT(FaultsOfRead(ReadOf(tin_, 1, 1)), IsEmpty());
  EXPECT_THAT(FaultsOfRead(ReadOf(new_tin_, 2, 1)), IsEmpty());
  EXPECT_THAT(FaultsOfRead(ReadOf(new_tin_, 2, 3)), IsEmpty());
  EXPECT_THAT(FaultsOfRead(ReadOf(tin_, 1, 2)),
              ElementsAre("a read at revision 2 shows minerals/tin of revision 1, and it is older"));
}

TEST_F(HistoryCheckerTest, FindsAReadOfWhatNeverStood) {
  EXPECT_THAT(FaultsOfRead(ReadOf(new_tin_, 1, 1)),
              ElementsAre("a read shows another minerals/tin than that of revision 1"));
  EXPECT_THAT(FaultsOfRead(ReadOf(new_tin_, 3, 1)), ElementsAre(HasSubstr("which did not change it")));
  EXPECT_THAT(FaultsOfRead(ReadOf(Mineral("iron", ""), 1, 1)), ElementsAre(HasSubstr("which did not change it")));
}

TEST_F(HistoryCheckerTest, FindsADeletionThatAReadDoesNotShow) {
  RecordedRead read = ReadOf(zinc_, 3, 3);
  EXPECT_THAT(FaultsOfRead(read), ElementsAre(HasSubstr("shows another minerals/zinc")));
  read.entries[0].mutable_mineral()->mutable_metadata()->mutable_delete_time()->set_seconds(3);
  EXPECT_THAT(FaultsOfRead(read), IsEmpty());
}

TEST_F(HistoryCheckerTest, FindsAnAnswerThatIsNotOfOneRevision) {
  RecordedRead read = ReadOf(new_tin_, 2, 1);
  read.revision = 1;
  EXPECT_THAT(FaultsOfRead(read),
              ElementsAre("a read at revision 1 shows minerals/tin of revision 2, and it is newer"));
  read.revision = 2;
  EXPECT_THAT(FaultsOfRead(read), IsEmpty());
  read.min_revision = 3;
  EXPECT_THAT(FaultsOfRead(read), ElementsAre("a read that was to show revision 3 shows 2"));
}

TEST_F(HistoryCheckerTest, FindsAReadThatFailed) {
  RecordedRead read{{"minerals/tin"}, 2, absl::NotFoundError("gone")};
  EXPECT_THAT(FaultsOfRead(read), ElementsAre("a read of minerals/tin at revision 2 failed: NOT_FOUND: gone"));
}

}  // namespace
}  // namespace orewatch::testing
