// A registry whose content a test decides.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"

namespace orewatch::testing {

// Holds change sets. An export has every state that they brought, in order: the last of a name counts.
class FakeRegistry final : public registry::v1::Registry::Service {
 public:
  // Revision n is committed n seconds later.
  static constexpr int64_t kEpoch = 1'700'000'000;

  void Commit(const registry::v1::ChangeSet& changes) {
    std::lock_guard<std::mutex> lock(mutex_);
    sets_.push_back(changes);
    sets_.back().mutable_commit_time()->set_seconds(kEpoch + static_cast<int64_t>(sets_.size()));
    auto& revision = *sets_.back().mutable_revision();
    revision.set_lineage(lineage_);
    revision.set_number(static_cast<int64_t>(sets_.size()));
    sets_.back().set_digest(DigestAt(revision.number()));
    changed_.notify_all();
  }
  // Says that there are revisions which the feed never brings.
  void PretendHead(int64_t ahead) {
    std::lock_guard<std::mutex> lock(mutex_);
    ahead_ = ahead;
  }
  // From now on it does not say where it stands.
  void HideHead() {
    std::lock_guard<std::mutex> lock(mutex_);
    head_hidden_ = true;
  }
  // A new history with one revision of its own.
  void Restore(const registry::v1::ChangeSet& first) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      lineage_ = "second";
      history_ = lineage_;
      sets_.clear();
      changed_.notify_all();
    }
    Commit(first);
  }
  // The same history goes on under another lineage; open streams end.
  void RenewLineage() {
    std::lock_guard<std::mutex> lock(mutex_);
    lineage_ += "'";
    for (auto& set : sets_) {
      set.mutable_revision()->set_lineage(lineage_);
    }
    changed_.notify_all();
  }
  // Nobody can go on from a revision before this one.
  void ForgetBefore(int64_t earliest) {
    std::lock_guard<std::mutex> lock(mutex_);
    earliest_ = earliest;
  }
  // Every stream of changes ends with an error.
  void RefuseWatch(const absl::Status& status, const std::string& reason) {
    std::lock_guard<std::mutex> lock(mutex_);
    refusal_ = rpc::ToGrpc(MakeError(status.code(), reason, status.message()));
  }
  // How often everything was asked for, and the streams that were opened.
  int exports() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return exports_;
  }
  std::vector<registry::v1::WatchRequest> watches() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return watches_;
  }
  // Who has opened streams of either kind.
  std::set<std::string> followers() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return followers_;
  }
  void Close() {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  grpc::Status GetHead(grpc::ServerContext*, const registry::v1::GetHeadRequest* request,
                       registry::v1::GetHeadResponse* response) override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (head_hidden_) {
      return {grpc::StatusCode::UNAVAILABLE, "away"};
    }
    FillHead(*response->mutable_revision());
    response->set_digest(DigestAt(response->revision().number()));
    const int64_t after = request->after().number();
    const bool same = request->after().lineage() == lineage_ || request->after_digest() == DigestAt(after);
    response->set_earliest_revision(earliest_);
    response->set_continues(same && after >= earliest_ && after <= response->revision().number());
    response->mutable_revision()->set_number(response->revision().number() + ahead_);
    return grpc::Status::OK;
  }
  grpc::Status Export(grpc::ServerContext* context, const registry::v1::ExportRequest*,
                      grpc::ServerWriter<registry::v1::ExportResponse>* writer) override {
    std::lock_guard<std::mutex> lock(mutex_);
    NoteFollower(*context);
    ++exports_;
    registry::v1::ExportResponse response;
    FillHead(*response.mutable_revision());
    if (!sets_.empty()) {
      *response.mutable_commit_time() = sets_.back().commit_time();
    }
    for (const auto& set : sets_) {
      for (const auto& change : set.changes()) {
        *response.add_entries() = change.after();
      }
    }
    writer->Write(response);
    response.clear_entries();
    response.set_done(true);
    response.set_digest(DigestAt(response.revision().number()));
    writer->Write(response);
    return grpc::Status::OK;
  }
  grpc::Status Watch(grpc::ServerContext* context, const registry::v1::WatchRequest* request,
                     grpc::ServerWriter<registry::v1::ChangeSet>* writer) override {
    std::unique_lock<std::mutex> lock(mutex_);
    NoteFollower(*context);
    watches_.push_back(*request);
    if (!refusal_.ok()) {
      return refusal_;
    }
    const std::string lineage = lineage_;
    auto next = static_cast<size_t>(request->after().number());
    while (!closed_ && lineage == lineage_ && !context->IsCancelled()) {
      if (next < sets_.size()) {
        WriteInChunks(sets_[next++], *writer);
      } else {
        changed_.wait_for(lock, std::chrono::milliseconds(20));
      }
    }
    return {grpc::StatusCode::UNAVAILABLE, "moved on"};
  }

 private:
  std::string DigestAt(int64_t revision) const { return absl::StrCat(history_, " up to ", revision); }
  void NoteFollower(const grpc::ServerContext& context) {
    const auto found = context.client_metadata().find(rpc::kPrincipalHeader);
    if (found != context.client_metadata().end()) {
      followers_.emplace(found->second.data(), found->second.size());
    }
  }
  void FillHead(type::v1::Revision& revision) const {
    revision.set_lineage(lineage_);
    revision.set_number(static_cast<int64_t>(sets_.size()));
  }
  // One change each, so that a follower that applies a chunk too early shows.
  static void WriteInChunks(const registry::v1::ChangeSet& set, grpc::ServerWriter<registry::v1::ChangeSet>& writer) {
    for (int i = 0; i < set.changes_size(); ++i) {
      registry::v1::ChangeSet chunk;
      *chunk.mutable_revision() = set.revision();
      *chunk.mutable_commit_time() = set.commit_time();
      *chunk.add_changes() = set.changes(i);
      chunk.set_last_chunk(i + 1 == set.changes_size());
      if (chunk.last_chunk()) {
        chunk.set_digest(set.digest());
      }
      writer.Write(chunk);
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string lineage_ = "first";
  // Of one history all digests tell.
  std::string history_ = "first";
  std::vector<registry::v1::ChangeSet> sets_;
  int64_t ahead_ = 0;
  int64_t earliest_ = 0;
  int exports_ = 0;
  std::vector<registry::v1::WatchRequest> watches_;
  std::set<std::string> followers_;
  bool head_hidden_ = false;
  bool closed_ = false;
  grpc::Status refusal_;
};

inline registry::v1::ChangeSet Set(const std::string& text) { return ParseProto<registry::v1::ChangeSet>(text); }

inline std::string Production(const std::string& mineral, const std::string& country, double tonnes, int year = 2024) {
  return absl::StrCat(R"(changes { after { statistic { dataset: "usgs-mcs-2026" year: )", year,
                      R"( production { mineral: ")", mineral, R"(" stage: STAGE_MINE country: ")", country,
                      R"(" } quantity { tonnes: )", tonnes,
                      R"( basis: BASIS_CONTAINED } provenance { source: "the source" } } } })");
}

inline std::string Mineral(const std::string& name) {
  return absl::StrCat(R"(changes { after { mineral { name: ")", name, R"(" } } })");
}

}  // namespace orewatch::testing
