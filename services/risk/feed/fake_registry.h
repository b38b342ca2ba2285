// A registry whose content a test decides.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"

namespace orewatch::risk {

// Holds change sets; the snapshot is what the first of them made.
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
      sets_.clear();
      changed_.notify_all();
    }
    Commit(first);
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
    response->set_continues(request->after().lineage() == lineage_ &&
                            request->after().number() <= response->revision().number());
    response->mutable_revision()->set_number(response->revision().number() + ahead_);
    return grpc::Status::OK;
  }
  grpc::Status Export(grpc::ServerContext*, const registry::v1::ExportRequest*,
                      grpc::ServerWriter<registry::v1::ExportResponse>* writer) override {
    std::lock_guard<std::mutex> lock(mutex_);
    registry::v1::ExportResponse response;
    FillHead(*response.mutable_revision());
    *response.mutable_commit_time() = sets_.back().commit_time();
    for (const auto& set : sets_) {
      for (const auto& change : set.changes()) {
        *response.add_entries() = change.after();
      }
    }
    writer->Write(response);
    response.clear_entries();
    response.set_done(true);
    writer->Write(response);
    return grpc::Status::OK;
  }
  grpc::Status Watch(grpc::ServerContext* context, const registry::v1::WatchRequest* request,
                     grpc::ServerWriter<registry::v1::ChangeSet>* writer) override {
    std::unique_lock<std::mutex> lock(mutex_);
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
      writer.Write(chunk);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string lineage_ = "first";
  std::vector<registry::v1::ChangeSet> sets_;
  int64_t ahead_ = 0;
  bool head_hidden_ = false;
  bool closed_ = false;
};

inline registry::v1::ChangeSet Set(const std::string& text) {
  return orewatch::testing::ParseProto<registry::v1::ChangeSet>(text);
}

inline std::string Production(const std::string& mineral, const std::string& country, double tonnes, int year = 2024) {
  return absl::StrCat(R"(changes { after { statistic { dataset: "usgs-mcs-2026" year: )", year,
                      R"( production { mineral: ")", mineral, R"(" stage: STAGE_MINE country: ")", country,
                      R"(" } quantity { tonnes: )", tonnes,
                      R"( basis: BASIS_CONTAINED } provenance { source: "the source" } } } })");
}

inline std::string Mineral(const std::string& name) {
  return absl::StrCat(R"(changes { after { mineral { name: ")", name, R"(" } } })");
}

}  // namespace orewatch::risk
