// The primary of a PostgreSQL with a synchronous standby dies under load, and the standby is promoted: nothing that was
// acknowledged is lost, and the replicas of the registry go on by themselves.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/storage/postgres.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "tests/chaos/registry_load.h"
#include "tests/chaos/registry_secret.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {
namespace {

using ::testing::IsEmpty;

class FailoverTest : public ::testing::Test {
 protected:
  void StartServers() {
    auto primary = PostgresServer::Start();
    ASSERT_TRUE(primary.ok()) << primary.status();
    primary_ = *std::move(primary);
    const std::string database = primary_->CreateDatabase();
    auto standby = PostgresServer::StartStandby(*primary_);
    ASSERT_TRUE(standby.ok()) << standby.status();
    standby_ = *std::move(standby);
    MakeStandbySynchronous();
    address_ = absl::StrCat("host=127.0.0.1,127.0.0.1 port=", primary_->port(), ",", standby_->port(),
                            " user=orewatch dbname=", database);
  }
  void MakeStandbySynchronous() {
    const auto admin = storage::Postgres::Open({primary_->Address("postgres")});
    ASSERT_TRUE(admin.ok()) << admin.status();
    for (const char* command : {"ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"}) {
      ASSERT_TRUE((*admin)->Execute(command).ok()) << command;
    }
    Eventually("a synchronous standby", [&] {
      return (*admin)
          ->Execute("DO $$ BEGIN ASSERT EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'); END $$")
          .ok();
    });
  }
  std::string Lineage() {
    RegistryStub registry(replicas_.front()->channel());
    const auto head = Call(registry, &RegistryStub::GetHead, registry::v1::GetHeadRequest());
    return head.ok() ? head->revision().lineage() : head.status().ToString();
  }
  void FailOverUnderLoad(uint64_t seed) {
    constexpr int kReplicas = 2;
    constexpr int64_t kSome = 100;
    constexpr int64_t kMost = 500;
    StartServers();
    std::vector<std::string> addresses;
    for (int i = 0; i < kReplicas; ++i) {
      replicas_.push_back(
          std::make_unique<ServiceProcess>("orewatch-registry", dir_ / absl::StrCat("log", i),
                                           std::vector<std::string>{absl::StrCat("--database=", address_)}));
      addresses.push_back(replicas_.back()->address());
    }
    const std::string lineage = Lineage();
    Random random(seed);
    RegistryLoad load(addresses, SecretOfDatabase(address_), seed);
    load.AwaitAcknowledged(Between(1, kMost, random));
    primary_->Kill();
    const absl::Time killed = absl::Now();
    ASSERT_TRUE(standby_->Promote().ok());
    const absl::Time promoted = absl::Now();
    load.AwaitAcknowledged(1);
    std::cout << "promoted after " << promoted - killed << ", written again after " << absl::Now() - promoted << "\n";
    load.AwaitAcknowledged(kSome);
    EXPECT_THAT(load.StopAndCheck({lineage}), IsEmpty());
  }

  TempDir dir_;
  std::unique_ptr<PostgresServer> primary_;
  std::unique_ptr<PostgresServer> standby_;
  std::string address_;
  // Last: they use the servers.
  std::vector<std::unique_ptr<ServiceProcess>> replicas_;
};

TEST_F(FailoverTest, NothingAcknowledgedIsLostAndTheReplicasGoOnByThemselves) {
  const int rounds = Soaking() ? 10 : 1;
  const uint64_t seed = SeedOfRun();
  for (int i = 0; i < rounds && !HasFailure(); ++i) {
    FailOverUnderLoad(seed + static_cast<uint64_t>(i));
    replicas_.clear();
    standby_.reset();
    primary_.reset();
  }
}

}  // namespace
}  // namespace orewatch::testing
