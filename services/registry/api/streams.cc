#include "services/registry/api/streams.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "common/time/steady.h"
#include "services/registry/api/change_filter.h"
#include "services/registry/domain/visibility.h"
#include "services/registry/engine/sight.h"

namespace orewatch::registry {
namespace {

// How often the position of a follower is kept while it reads on.
constexpr absl::Duration kNotedEvery = absl::Hours(1);
// How many revisions, of which nothing is to be sent, one turn passes over before others have theirs.
constexpr int kPassedOverATurn = 200;
// The same for pages of an export.
constexpr int kPagesATurn = 4;

// A revision that was there and is not: the database was restored meanwhile.
template <typename T>
absl::StatusOr<T> OfThisHistory(Registry& registry, absl::StatusOr<T> read) {
  return absl::IsNotFound(read.status()) ? absl::StatusOr<T>(LineageChanged(registry.store().lineage()))
                                         : std::move(read);
}

class WatchSource final : public rpc::StreamSource<v1::ChangeSet> {
 public:
  WatchSource(Registry& registry, Registry::Follower follower, std::string lineage, ChangeFilter filter, int64_t after,
              rpc::Waker waker)
      : registry_(registry),
        store_(registry.store()),
        follower_(std::move(follower)),
        lineage_(std::move(lineage)),
        filter_(std::move(filter)),
        next_(after + 1),
        sent_when_noted_(after),
        noted_(registry.Now()),
        waker_(std::move(waker)),
        subscription_(registry.store().committed().Subscribe(waker_)) {}

  absl::StatusOr<rpc::Poll> Next(v1::ChangeSet& out) override {
    OREWATCH_RETURN_IF_ERROR(NotePosition());
    for (int passed = 0; passed < kPassedOverATurn; ++passed) {
      OREWATCH_RETURN_IF_ERROR(CheckSameLineage(lineage_, store_.lineage()));
      if (next_ > store_.head()) {
        return SendBookmark(out);
      }
      OREWATCH_ASSIGN_OR_RETURN(out, ReadChunk());
      if (out.changes_size() > 0 || (out.last_chunk() && sent_part_)) {
        sent_part_ = !out.last_chunk();
        bookmark_.Clear();
        return rpc::Poll::kMessage;
      }
      if (out.last_chunk()) {
        NoteNothing(out);
        if (!filter_.partial()) {
          return SendBookmark(out);
        }
      }
    }
    waker_();
    return rpc::Poll::kWait;
  }
  absl::Time CommitTime() const override { return commit_time_; }

 private:
  // What was sent when the position was last kept has been read by now.
  absl::Status NotePosition() {
    if (follower_.name.empty() || registry_.Now() < noted_ + kNotedEvery) {
      return absl::OkStatus();
    }
    noted_ = registry_.Now();
    return registry_.NoteFollower(follower_, std::exchange(sent_when_noted_, next_ - 1));
  }

  // What is left of the next chunk.
  absl::StatusOr<v1::ChangeSet> ReadChunk() {
    OREWATCH_ASSIGN_OR_RETURN(v1::ChangeSet chunk,
                              OfThisHistory(registry_, store_.ReadChanges(next_, read_, kMaxStreamBytes)));
    OREWATCH_RETURN_IF_ERROR(CheckSameLineage(lineage_, chunk.revision().lineage()));
    read_ += chunk.changes_size();
    if (chunk.last_chunk()) {
      ++next_;
      read_ = 0;
    }
    commit_time_ = FromProto(chunk.commit_time());
    filter_.Apply(chunk);
    OREWATCH_RETURN_IF_ERROR(LeaveOutPurged(chunk));
    return chunk;
  }

  // What is purged was out of sight before, if what contained it had gone out of sight.
  absl::Status LeaveOutPurged(v1::ChangeSet& chunk) const {
    google::protobuf::RepeatedPtrField<v1::Change> all;
    all.Swap(chunk.mutable_changes());
    for (v1::Change& change : all) {
      const auto container = change.operation() == v1::Change::OPERATION_PURGE && !filter_.viewer().trusted
                                 ? SharedSightOf(change.before())
                                 : std::nullopt;
      absl::Status seen = container.has_value() ? registry_.CheckHistoryReadable(filter_.viewer().principal, *container)
                                                : absl::OkStatus();
      if (seen.ok()) {
        *chunk.add_changes() = std::move(change);
      } else if (!absl::IsNotFound(seen)) {
        return seen;
      }
    }
    return absl::OkStatus();
  }

  // Of a revision that shows nothing it is told that and when there was one, by which followers keep time, not who made
  // it.
  void NoteNothing(const v1::ChangeSet& set) {
    bookmark_.Clear();
    *bookmark_.mutable_revision() = set.revision();
    bookmark_.set_digest(set.digest());
    *bookmark_.mutable_commit_time() = set.commit_time();
    bookmark_.set_last_chunk(true);
    bookmark_.set_bookmark(true);
  }

  rpc::Poll SendBookmark(v1::ChangeSet& out) {
    if (!bookmark_.bookmark()) {
      return rpc::Poll::kWait;
    }
    out = std::exchange(bookmark_, v1::ChangeSet());
    return rpc::Poll::kMessage;
  }

  Registry& registry_;
  RegistryStore& store_;
  const Registry::Follower follower_;
  // A database that is restored ends the stream.
  const std::string lineage_;
  const ChangeFilter filter_;
  int64_t next_;
  int64_t sent_when_noted_;
  absl::Time noted_;
  absl::Time commit_time_ = absl::InfinitePast();
  // Changes of revision next_ that have been read.
  int read_ = 0;
  // A part of revision next_ has been sent, so that its end must be.
  bool sent_part_ = false;
  // What to say about revisions of which nothing was sent.
  v1::ChangeSet bookmark_;
  const rpc::Waker waker_;
  rpc::Notifier::Subscription subscription_;
};

// Walks the kinds in order at one revision.
class ExportSource final : public rpc::StreamSource<v1::ExportResponse> {
 public:
  ExportSource(Registry& registry, Viewer viewer, rpc::Waker waker)
      : waker_(std::move(waker)),
        registry_(registry),
        viewer_(std::move(viewer)),
        lineage_(registry.store().lineage()),
        revision_(registry.store().head()) {}

  absl::StatusOr<rpc::Poll> Next(v1::ExportResponse& out) override {
    if (finished_) {
      return rpc::Poll::kEnd;
    }
    out.Clear();
    *out.mutable_revision() = registry_.RevisionOf(revision_);
    if (revision_ > 0) {
      OREWATCH_ASSIGN_OR_RETURN(*out.mutable_commit_time(),
                                OfThisHistory(registry_, registry_.CommitTimeOf(revision_)));
    }
    for (int pages = 0; kind_ < AllKinds().size(); ++pages) {
      if (pages == kPagesATurn) {
        waker_();
        return rpc::Poll::kWait;
      }
      OREWATCH_ASSIGN_OR_RETURN(ListResult page, registry_.store().List({AllKinds()[kind_].kind, "", after_key_,
                                                                         revision_, kMaxStreamRows, kMaxStreamBytes}));
      OREWATCH_RETURN_IF_ERROR(CheckSameLineage(lineage_, registry_.store().lineage()));
      for (StoredEntry& stored : page.entries) {
        if (MaySee(viewer_, stored.entry)) {
          *out.add_entries() = std::move(stored.entry);
        }
      }
      after_key_ = page.more ? page.entries.back().key : "";
      kind_ += page.more ? 0 : 1;
      if (out.entries_size() > 0) {
        return rpc::Poll::kMessage;
      }
    }
    OREWATCH_ASSIGN_OR_RETURN(*out.mutable_digest(), OfThisHistory(registry_, registry_.store().DigestAt(revision_)));
    OREWATCH_RETURN_IF_ERROR(CheckSameLineage(lineage_, registry_.store().lineage()));
    out.set_done(true);
    finished_ = true;
    return rpc::Poll::kMessage;
  }

 private:
  const rpc::Waker waker_;
  Registry& registry_;
  const Viewer viewer_;
  const std::string lineage_;
  const int64_t revision_;
  size_t kind_ = 0;
  std::string after_key_;
  bool finished_ = false;
};

class ImportSink final : public rpc::StreamSink<v1::ImportRequest, v1::ImportResponse> {
 public:
  ImportSink(Registry& registry, rpc::CallContext context) : registry_(registry), context_(std::move(context)) {}

  absl::Status Receive(const v1::ImportRequest& request) override {
    if (request.rows_size() > static_cast<int>(kMaxStreamRows)) {
      return InvalidField("rows", absl::StrCat("must be at most ", kMaxStreamRows, " a message"));
    }
    if (!importer_.has_value()) {
      Begin(request);
    }
    for (const auto& row : request.rows()) {
      OREWATCH_RETURN_IF_ERROR(importer_->Add(row));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<v1::ImportResponse> Finish() override {
    if (!importer_.has_value()) {
      Begin({});
    }
    return importer_->Finish();
  }

 private:
  void Begin(const v1::ImportRequest& request) {
    Importer::Options options{{context_.principal(), request.request_id()}, request.atomic(), request.validate_only()};
    options.wanted = [context = context_] { return !context.cancelled() && SteadyNow() < context.deadline(); };
    importer_.emplace(registry_, std::move(options));
  }

  Registry& registry_;
  const rpc::CallContext context_;
  std::optional<Importer> importer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::StreamSource<v1::ChangeSet>>> OpenWatch(Registry& registry, Viewer viewer,
                                                                            const v1::WatchRequest& request,
                                                                            rpc::Waker waker) {
  // What is checked below is checked of this history, or a later one ends the stream at once.
  std::string lineage = registry.store().lineage();
  if (request.after().number() < 0) {
    return InvalidField("after.number", "must not be negative");
  }
  Registry::Follower position{viewer.principal, request.follower()};
  OREWATCH_ASSIGN_OR_RETURN(ChangeFilter filter, ChangeFilter::Create(std::move(viewer), request));
  OREWATCH_RETURN_IF_ERROR(registry.CheckContinues(request.after(), request.after_digest()));
  if (!position.name.empty()) {
    OREWATCH_RETURN_IF_ERROR(registry.NoteFollower(position, request.after().number()));
  }
  return std::make_unique<WatchSource>(registry, std::move(position), std::move(lineage), std::move(filter),
                                       request.after().number(), std::move(waker));
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource<v1::ExportResponse>>> OpenExport(Registry& registry, Viewer viewer,
                                                                                  const v1::ExportRequest& request,
                                                                                  rpc::Waker waker) {
  OREWATCH_RETURN_IF_ERROR(registry.CheckMinRevision(request.min_revision()));
  return std::make_unique<ExportSource>(registry, std::move(viewer), std::move(waker));
}

std::unique_ptr<rpc::StreamSink<v1::ImportRequest, v1::ImportResponse>> OpenImport(Registry& registry,
                                                                                   const rpc::CallContext& context) {
  return std::make_unique<ImportSink>(registry, context);
}

}  // namespace orewatch::registry
