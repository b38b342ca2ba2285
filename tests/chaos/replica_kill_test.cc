// Replicas of the registry are killed and restarted at random while many write and watch: what they were told is what
// stands.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "tests/chaos/registry_load.h"
#include "tests/chaos/registry_secret.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {
namespace {

using ::testing::IsEmpty;

absl::Duration Length() { return Soaking() ? absl::Seconds(60) : absl::Seconds(10); }

class ReplicaKillTest : public ::testing::Test {
 protected:
  void StartReplicas(int count, const std::string& where) {
    for (int i = 0; i < count; ++i) {
      replicas_.push_back(std::make_unique<ServiceProcess>("orewatch-registry", dir_ / absl::StrCat("log", i),
                                                           std::vector<std::string>{where}));
    }
  }
  std::vector<std::string> Addresses() const {
    std::vector<std::string> addresses;
    for (const auto& replica : replicas_) {
      addresses.push_back(replica->address());
    }
    return addresses;
  }
  // Kills some of them, sometimes all, and starts them again, each time after so many further writes that the moment
  // falls anywhere in a commit.
  void KillAtRandom(RegistryLoad& load, Random& random) {
    constexpr int64_t kMostWritesBetween = 400;
    int kills = 0;
    for (const absl::Time end = absl::Now() + Length(); absl::Now() < end && !HasFailure();) {
      load.AwaitAcknowledged(Between(1, kMostWritesBetween, random));
      std::shuffle(replicas_.begin(), replicas_.end(), random);
      const auto victims = static_cast<size_t>(Between(1, static_cast<int64_t>(replicas_.size()), random));
      for (size_t i = 0; i < victims; ++i) {
        replicas_[i]->Kill();
        ++kills;
      }
      if (victims < replicas_.size()) {
        // The others go on meanwhile.
        load.AwaitAcknowledged(Between(1, kMostWritesBetween, random));
      }
      for (size_t i = 0; i < victims; ++i) {
        replicas_[i]->Start();
      }
      for (size_t i = 0; i < victims; ++i) {
        replicas_[i]->AwaitReady();
      }
    }
    std::cout << kills << " kills\n";
  }
  void AttackAndCheck(const std::string& secret) {
    const uint64_t seed = SeedOfRun();
    Random random(seed);
    RegistryLoad load(Addresses(), secret, seed);
    KillAtRandom(load, random);
    EXPECT_THAT(load.StopAndCheck(), IsEmpty());
  }

  TempDir dir_;
  std::vector<std::unique_ptr<ServiceProcess>> replicas_;
};

TEST_F(ReplicaKillTest, OneOnSqlite) {
  StartReplicas(1, absl::StrCat("--data_dir=", dir_ / "registry"));
  AttackAndCheck(SecretOfFile(absl::StrCat(dir_ / "registry", "/registry.db")));
}

TEST_F(ReplicaKillTest, ThreeOnOnePostgres) {
  auto postgres = PostgresServer::Start();
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  const std::string address = (*postgres)->Address((*postgres)->CreateDatabase());
  StartReplicas(3, absl::StrCat("--database=", address));
  AttackAndCheck(SecretOfDatabase(address));
  replicas_.clear();
}

}  // namespace
}  // namespace orewatch::testing
