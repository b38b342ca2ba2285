// A store that fails when a test wants it to, with a lease that the test gives and takes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/alerting/store/alert_store.h"

namespace orewatch::alerting {

// Passes on to another store until it is told to fail.
class FailingStore final : public AlertStore {
 public:
  explicit FailingStore(AlertStore& store) : store_(store) {}
  void FailWrites(bool fail) { fail_ = fail; }
  // Has another commit come first, once.
  void BeforeWrite(std::function<void()> before) { before_ = std::move(before); }
  void FailLease(bool fail) { fail_lease_ = fail; }
  // Another may take the lease.
  void EndLease() { ++epoch_; }

  const StoreIdentity& identity() const override { return store_.identity(); }
  absl::StatusOr<StoredWorld> Load() override {
    ++loads;
    return store_.Load();
  }
  absl::StatusOr<Advance> CatchUp(const Version& from, const Changes& also) override {
    return store_.CatchUp(from, also);
  }
  absl::StatusOr<Version> Write(const Commit& commit) override {
    if (auto before = std::exchange(before_, nullptr); before != nullptr) {
      before();
    }
    if (commit.epoch.has_value() && *commit.epoch != epoch_) {
      return LeaseLost();
    }
    Commit passed = commit;
    passed.epoch.reset();
    return fail_ ? absl::UnavailableError("disk full") : store_.Write(passed);
  }
  absl::StatusOr<std::optional<int64_t>> TakeLease(const std::string& holder, absl::Duration) override {
    if (fail_lease_) {
      return absl::UnavailableError("no answer");
    }
    if (!holder_.empty() && holder_ != holder) {
      return std::nullopt;
    }
    holder_ = holder;
    return epoch_;
  }
  absl::Status GiveUpLease(int64_t) override {
    holder_.clear();
    ++epoch_;
    return absl::OkStatus();
  }
  std::unique_ptr<Following> Follow(std::function<void(const Version&)>) override { return nullptr; }
  absl::StatusOr<bool> DefaultsLoaded() override { return store_.DefaultsLoaded(); }
  absl::StatusOr<std::optional<AnsweredRequest>> FindAnswer(const std::string& principal, const std::string& request_id,
                                                            absl::Time since) override {
    return store_.FindAnswer(principal, request_id, since);
  }
  absl::StatusOr<std::vector<TimelineEntry>> Timeline(const AlertKey& key, int64_t before, int64_t limit) override {
    return store_.Timeline(key, before, limit);
  }
  absl::StatusOr<std::vector<TimelineEntry>> TransitionsAfter(int64_t sequence, int64_t limit) override {
    return store_.TransitionsAfter(sequence, limit);
  }
  DeliveryStore& deliveries() override { return store_.deliveries(); }

  int loads = 0;

 private:
  AlertStore& store_;
  bool fail_ = false;
  bool fail_lease_ = false;
  std::function<void()> before_;
  std::string holder_;
  int64_t epoch_ = 1;
};

}  // namespace orewatch::alerting
