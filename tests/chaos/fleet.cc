#include "tests/chaos/fleet.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace orewatch::testing {
namespace {

std::string ProgramOf(const std::string& service, const std::string& bin_dir) {
  return bin_dir.empty() ? absl::StrCat("orewatch-", service) : absl::StrCat(bin_dir, "/orewatch-", service);
}

}  // namespace

Fleet::Fleet(size_t replicas, const std::string& bin_dir) : replicas_(replicas) {
  auto postgres = PostgresServer::Start();
  EXPECT_TRUE(postgres.ok()) << postgres.status();
  postgres_ = *std::move(postgres);
  for (const std::string& service : ServicesInOrder()) {
    const std::vector<std::string> flags = FlagsOf(service);
    for (size_t i = 0; i < replicas; ++i) {
      processes_[service].push_back(std::make_unique<ServiceProcess>(ProgramOf(service, bin_dir),
                                                                     dir_ / absl::StrCat(service, i, ".log"), flags));
      Note(*processes_[service].back(), bin_dir);
    }
  }
}

std::vector<std::string> Fleet::addresses(const std::string& service) const {
  std::vector<std::string> addresses;
  for (const auto& process : processes_.at(service)) {
    addresses.push_back(process->address());
  }
  return addresses;
}

void Fleet::Replace(const std::string& service, size_t i, const std::string& bin_dir) {
  ServiceProcess& process = replica(service, i);
  EXPECT_EQ(process.Terminate(), 0) << service << " " << i;
  process.set_binary(ProgramOf(service, bin_dir));
  Note(process, bin_dir);
  process.Start();
  process.AwaitReady();
}

void Fleet::Note(const ServiceProcess& process, const std::string& bin_dir) {
  absl::MutexLock lock(&mutex_);
  bin_dirs_[process.address()] = bin_dir;
}

bool Fleet::RunsFrom(const std::string& bin_dir, const std::string& peer) const {
  absl::MutexLock lock(&mutex_);
  const auto found = bin_dirs_.find(std::string(absl::StripPrefix(peer, "ipv4:")));
  return found != bin_dirs_.end() && found->second == bin_dir;
}

std::vector<std::string> Fleet::FlagsOf(const std::string& service) {
  std::vector<std::string> flags;
  if (service != "gateway") {
    flags.push_back(absl::StrCat("--database=", postgres_->Address(postgres_->CreateDatabase())));
  }
  for (const std::string& other : ServicesInOrder()) {
    if (other == service) {
      break;
    }
    flags.push_back(AddressFlag(other));
  }
  if (service == "alerting") {
    flags.insert(flags.end(), {"--default_rules=data/rules.textproto", "--lease_duration=3s"});
  }
  return flags;
}

std::string Fleet::AddressFlag(const std::string& service) const {
  return absl::StrCat("--", service, "_address=ipv4:", absl::StrJoin(addresses(service), ","));
}

}  // namespace orewatch::testing
