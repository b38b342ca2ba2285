// A database of alerts that goes back to an older copy, under a replica that is running.
#include <list>
#include <memory>
#include <string>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "services/alerting/store/postgres/postgres_alert_store.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::IsOk;
using ::orewatch::testing::PostgresServer;

constexpr int kAttempts = 20;

class AlertRestoreTest : public ::testing::Test {
 protected:
  AlertRestoreTest() {
    auto server = PostgresServer::Start();
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    database_ = server_->CreateDatabase();
  }
  std::unique_ptr<PostgresAlertStore> Open() {
    PostgresAlertStore::Options options;
    options.database = server_->Address(database_);
    auto store = PostgresAlertStore::Open(options, metrics_.emplace_back());
    EXPECT_THAT(store, IsOk());
    return *std::move(store);
  }
  // Again where the connection turns out to be gone.
  static void WriteOne(AlertStore& store) {
    absl::Status status;
    for (int i = 0; i < kAttempts; ++i) {
      const auto loaded = store.Load();
      status = loaded.ok() ? store.Write({.base = loaded->version}).status() : loaded.status();
      if (status.ok()) {
        return;
      }
    }
    FAIL() << status;
  }

  std::unique_ptr<PostgresServer> server_;
  std::string database_;
  // One for each process that a store stands for.
  std::list<prometheus::Registry> metrics_;
};

TEST_F(AlertRestoreTest, AServerThatOnlyStoppedHasTheSameHistory) {
  const auto store = Open();
  WriteOne(*store);
  const std::string before = store->identity().lineage;
  server_->Kill();
  ASSERT_THAT(server_->StartAgain(), IsOk());
  WriteOne(*store);
  EXPECT_EQ(store->identity().lineage, before);
  EXPECT_EQ(Open()->identity().lineage, before);
}

TEST_F(AlertRestoreTest, ARecoveryBeginsAnotherHistoryForReplicasThatRun) {
  const auto first = Open();
  const auto second = Open();
  WriteOne(*first);
  WriteOne(*second);
  const StoreIdentity& before = first->identity();
  server_->Stop();
  ASSERT_THAT(server_->SaveDisk(), IsOk());
  ASSERT_THAT(server_->StartAgain(), IsOk());
  WriteOne(*first);
  EXPECT_EQ(first->identity().lineage, before.lineage);
  server_->Stop();
  ASSERT_THAT(server_->RestoreToThePointOfTheCopy(), IsOk());
  WriteOne(*first);
  WriteOne(*second);
  EXPECT_NE(first->identity().lineage, before.lineage);
  EXPECT_NE(first->identity().secret, before.secret);
  EXPECT_EQ(second->identity().lineage, first->identity().lineage);
  EXPECT_EQ(Open()->identity().lineage, first->identity().lineage);
}

TEST_F(AlertRestoreTest, ADumpThatIsReadInBeginsAnotherHistory) {
  const std::string dump = server_->dir() / "dump";
  std::string before;
  {
    const auto store = Open();
    WriteOne(*store);
    before = store->identity().lineage;
  }
  ASSERT_THAT(server_->RunClient("pg_dump", {"-Fc", "-f", dump, database_}), IsOk());
  WriteOne(*Open());
  ASSERT_THAT(server_->RunClient("pg_restore", {"--clean", "--if-exists", "-d", database_, dump}), IsOk());
  const auto store = Open();
  EXPECT_NE(store->identity().lineage, before);
  EXPECT_EQ(store->Load()->version.number, 1);
}

}  // namespace
}  // namespace orewatch::alerting
