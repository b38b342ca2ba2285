#include "services/registry/api/streams.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"

namespace orewatch::registry {
namespace {

class WatchSource final : public rpc::StreamSource<v1::ChangeSet> {
 public:
  WatchSource(RegistryStore& store, int64_t after, rpc::Waker waker)
      : store_(store), next_(after + 1), subscription_(store.committed().Subscribe(std::move(waker))) {}

  absl::StatusOr<rpc::Poll> Next(v1::ChangeSet& out) override {
    if (next_ > store_.head()) {
      return rpc::Poll::kWait;
    }
    OREWATCH_ASSIGN_OR_RETURN(out, store_.ReadChanges(next_, sent_, kMaxStreamBytes));
    commit_time_ = FromProto(out.commit_time());
    sent_ += out.changes_size();
    if (out.last_chunk()) {
      ++next_;
      sent_ = 0;
    }
    return rpc::Poll::kMessage;
  }
  absl::Time CommitTime() const override { return commit_time_; }

 private:
  RegistryStore& store_;
  int64_t next_;
  absl::Time commit_time_ = absl::InfinitePast();
  // Changes of revision next_ that have been sent.
  int sent_ = 0;
  rpc::Notifier::Subscription subscription_;
};

// Walks the kinds in order at one revision.
class ExportSource final : public rpc::StreamSource<v1::ExportResponse> {
 public:
  explicit ExportSource(Registry& registry) : registry_(registry), revision_(registry.store().head()) {}

  absl::StatusOr<rpc::Poll> Next(v1::ExportResponse& out) override {
    if (finished_) {
      return rpc::Poll::kEnd;
    }
    out.Clear();
    *out.mutable_revision() = registry_.RevisionOf(revision_);
    if (revision_ > 0) {
      OREWATCH_ASSIGN_OR_RETURN(*out.mutable_commit_time(), registry_.CommitTimeOf(revision_));
    }
    while (kind_ < AllKinds().size()) {
      OREWATCH_ASSIGN_OR_RETURN(ListResult page, registry_.store().List({AllKinds()[kind_].kind, "", after_key_,
                                                                         revision_, kMaxStreamRows, kMaxStreamBytes}));
      for (StoredEntry& stored : page.entries) {
        *out.add_entries() = std::move(stored.entry);
      }
      after_key_ = page.more ? page.entries.back().key : "";
      kind_ += page.more ? 0 : 1;
      if (out.entries_size() > 0) {
        return rpc::Poll::kMessage;
      }
    }
    out.set_done(true);
    finished_ = true;
    return rpc::Poll::kMessage;
  }

 private:
  Registry& registry_;
  const int64_t revision_;
  size_t kind_ = 0;
  std::string after_key_;
  bool finished_ = false;
};

class ImportSink final : public rpc::StreamSink<v1::ImportRequest, v1::ImportResponse> {
 public:
  ImportSink(Registry& registry, std::string principal) : registry_(registry), principal_(std::move(principal)) {}

  absl::Status Receive(const v1::ImportRequest& request) override {
    if (request.rows_size() > static_cast<int>(kMaxStreamRows)) {
      return InvalidField("rows", absl::StrCat("must be at most ", kMaxStreamRows, " a message"));
    }
    if (!importer_.has_value()) {
      importer_.emplace(
          registry_, Importer::Options{{principal_, request.request_id()}, request.atomic(), request.validate_only()});
    }
    for (const auto& row : request.rows()) {
      OREWATCH_RETURN_IF_ERROR(importer_->Add(row));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<v1::ImportResponse> Finish() override {
    if (!importer_.has_value()) {
      importer_.emplace(registry_, Importer::Options{{principal_, ""}, false, false});
    }
    return importer_->Finish();
  }

 private:
  Registry& registry_;
  const std::string principal_;
  std::optional<Importer> importer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::StreamSource<v1::ChangeSet>>> OpenWatch(Registry& registry,
                                                                            const v1::WatchRequest& request,
                                                                            rpc::Waker waker) {
  RegistryStore& store = registry.store();
  if (request.after().number() < 0) {
    return InvalidField("after.number", "must not be negative");
  }
  if (!request.after().lineage().empty() && request.after().lineage() != store.lineage()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "LINEAGE_MISMATCH",
                     "the registry has another history; load it again", {{"lineage", store.lineage()}});
  }
  OREWATCH_RETURN_IF_ERROR(registry.CheckMinRevision(request.after().number()));
  return std::make_unique<WatchSource>(store, request.after().number(), std::move(waker));
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource<v1::ExportResponse>>> OpenExport(Registry& registry,
                                                                                  const v1::ExportRequest& request) {
  OREWATCH_RETURN_IF_ERROR(registry.CheckMinRevision(request.min_revision()));
  return std::make_unique<ExportSource>(registry);
}

std::unique_ptr<rpc::StreamSink<v1::ImportRequest, v1::ImportResponse>> OpenImport(Registry& registry,
                                                                                   const std::string& principal) {
  return std::make_unique<ImportSink>(registry, principal);
}

}  // namespace orewatch::registry
