// What the conformance suites of the registry's store share: one test runs on each engine, over real storage.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/registry/store/store.h"
#include "tests/conformance/registry_store_engines.h"

namespace orewatch::registry {

inline const Author kAnybody{"anonymous", ""};

inline v1::Entry Mineral(const std::string& id, const std::string& display_name = "") {
  v1::Entry entry;
  entry.mutable_mineral()->set_name(absl::StrCat("minerals/", id));
  entry.mutable_mineral()->set_display_name(display_name);
  return entry;
}

inline absl::Time CommitTimeOf(const v1::ChangeSet& set) {
  return absl::FromUnixSeconds(set.commit_time().seconds()) + absl::Nanoseconds(set.commit_time().nanos());
}

inline void RunThreads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    threads.emplace_back(body, i);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

class StoreTest : public ::testing::TestWithParam<EngineCase> {
 protected:
  void SetUp() override {
    engine_ = GetParam().make();
    store_ = engine_->Open(clock_);
  }
  void Reopen() {
    store_.reset();
    store_ = engine_->Open(clock_);
  }
  absl::StatusOr<Committed> Run(const Write& write, const Author& author = kAnybody) {
    return store_->Commit(author, write);
  }
  absl::StatusOr<Committed> Put(const v1::Entry& entry) { return PutTo(*store_, entry); }
  static absl::StatusOr<Committed> PutTo(RegistryStore& store, const v1::Entry& entry) {
    return store.Commit(kAnybody, [&](WriteTransaction& transaction) {
      return transaction.Put(Kind::kMineral, entry.mineral().name(), entry);
    });
  }
  absl::StatusOr<Committed> Delete(const std::string& name) {
    return Run([&](WriteTransaction& transaction) { return transaction.Delete(Kind::kMineral, name); });
  }
  std::map<std::string, std::string> MineralsAt(int64_t revision) {
    std::map<std::string, std::string> minerals;
    ListQuery query{Kind::kMineral, "minerals/", "", revision, 3, 1 << 20};
    for (;;) {
      const auto page = store_->List(query);
      EXPECT_THAT(page, orewatch::testing::IsOk());
      for (const StoredEntry& stored : page->entries) {
        minerals[stored.key] = stored.entry.mineral().display_name();
      }
      if (!page->more) {
        return minerals;
      }
      query.after_key = page->entries.back().key;
    }
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<StoreEngine> engine_;
  std::unique_ptr<RegistryStore> store_;
};

inline std::string NameOf(const ::testing::TestParamInfo<EngineCase>& engine) { return engine.param.name; }

}  // namespace orewatch::registry
