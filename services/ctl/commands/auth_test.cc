#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/auth/api_key.h"
#include "common/hash/sha256.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "orewatch/access/v1/access_file.pb.h"
#include "services/ctl/commands/commands_fixture.h"

namespace orewatch::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(CommandsTest, ATokenOrAKeyGoesWithEachCall) {
  const std::string token = WriteFile("token", "a.b.c\n");
  const std::string key = WriteFile("key", "ow_abcd_secret");
  EXPECT_EQ(Ctl({"history", "minerals/zinc", absl::StrCat("--token_file=", token)}), kExitDone) << err_.str();
  EXPECT_EQ(registry_.last_authorization, "Bearer a.b.c");
  EXPECT_EQ(Ctl({"history", "minerals/zinc", absl::StrCat("--api_key_file=", key)}), kExitDone) << err_.str();
  EXPECT_EQ(registry_.last_authorization, "Bearer ow_abcd_secret");
  EXPECT_EQ(Ctl({"history", "minerals/zinc"}), kExitDone) << err_.str();
  EXPECT_EQ(registry_.last_authorization, "");
}

TEST_F(CommandsTest, ATokenGoesToNoOtherMachineInClearUnlessItIsSaidSo) {
  const std::string token = absl::StrCat("--token_file=", WriteFile("token", "a.b.c"));
  EXPECT_EQ(Ctl({"version", token}), kExitDone) << err_.str();
  for (const char* address : {"--address=192.0.2.2:7100", "--risk_address=registry:7102"}) {
    EXPECT_EQ(Ctl({"version", token, address}), kExitUsage) << address;
    EXPECT_THAT(err_.str(), HasSubstr("--allow_unprotected"));
    EXPECT_EQ(Ctl({"version", address}), kExitDone) << err_.str();
    EXPECT_EQ(Ctl({"version", token, address, "--allow_unprotected"}), kExitDone) << err_.str();
  }
}

TEST_F(CommandsTest, AFileWithoutASecretIsSaidBeforeAnyCallAndNotEchoed) {
  const std::string two = WriteFile("two", "first-secret\nsecond-secret");
  for (const std::string& path : {two, WriteFile("empty", ""), InFolder("missing")}) {
    EXPECT_EQ(Ctl({"history", "minerals/zinc", absl::StrCat("--token_file=", path)}), kExitUsage);
    EXPECT_THAT(err_.str(), HasSubstr("--token_file: there is no token or key in "));
    EXPECT_THAT(err_.str(), Not(HasSubstr("secret")));
  }
  EXPECT_EQ(Ctl({"version", absl::StrCat("--token_file=", two), absl::StrCat("--api_key_file=", two)}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("set one of them"));
}

TEST_F(CommandsTest, ANewKeyComesWithTheEntryThatKnowsIt) {
  ASSERT_EQ(Ctl({"auth", "new-key", "--id=ci-importer", "--principal=ci", "--role=operator", "--expire=24h"}),
            kExitDone)
      << err_.str();
  const std::string printed = out_.str();
  const std::string key = printed.substr(0, printed.find('\n'));
  access::v1::AccessFile file;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(printed.substr(key.size()), &file)) << printed;
  ASSERT_EQ(file.keys_size(), 1);
  EXPECT_EQ(file.keys(0).id(), "ci-importer");
  EXPECT_EQ(file.keys(0).grant().principal(), "ci");
  EXPECT_EQ(file.keys(0).grant().role(), access::v1::ROLE_OPERATOR);
  EXPECT_EQ(absl::HexStringToBytes(file.keys(0).secret_sha256()), Sha256Of(auth::ParseApiKey(key)->secret));
  absl::Time expires;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, file.keys(0).expire_time(), &expires, nullptr));
  EXPECT_GT(expires, absl::Now() + absl::Hours(23));
  EXPECT_LE(expires, absl::Now() + absl::Hours(24));
}

TEST_F(CommandsTest, AKeyThatNoFileWouldTakeIsNotMade) {
  const std::vector<std::string> good = {"auth", "new-key", "--id=ci-importer", "--principal=ci", "--role=operator"};
  for (const auto& [index, bad] : std::vector<std::pair<size_t, std::string>>{
           {1, "new"}, {2, "--id=own"}, {3, "--principal="}, {4, "--role=root"}}) {
    std::vector<std::string> words = good;
    words[index] = bad;
    EXPECT_EQ(Ctl(words), kExitUsage) << bad;
    EXPECT_EQ(out_.str(), "") << bad;
  }
}

}  // namespace
}  // namespace orewatch::ctl
