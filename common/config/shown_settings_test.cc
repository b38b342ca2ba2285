#include "common/config/shown_settings.h"

#include <algorithm>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "gmock/gmock.h"

ABSL_FLAG(std::string, shown_setting, "as it was", "A setting of this test.");
ABSL_FLAG(std::string, data_dir, "", "A setting that each replica has for itself.");

namespace orewatch::config {
namespace {

ShownSetting Shown(const std::string& name) {
  const auto settings = ShowSettings();
  const auto found =
      std::find_if(settings.begin(), settings.end(), [&](const auto& setting) { return setting.name == name; });
  return found == settings.end() ? ShownSetting() : *found;
}

TEST(ShownSettingsTest, ShowsOurFlagsAlone) {
  const absl::FlagSaver saver;
  absl::SetFlag(&FLAGS_shown_setting, "postgres://ann:pw@db/registry");
  EXPECT_EQ(Shown("shown_setting").value, "postgres://ann:***@db/registry");
  EXPECT_EQ(Shown("shown_setting").origin, "default");
  EXPECT_EQ(Shown("gtest_filter").name, "");
  EXPECT_EQ(Shown("flagfile").name, "") << "of the library";
}

TEST(ShownSettingsTest, MasksWhatMayBeSecret) {
  EXPECT_EQ(MaskSecrets("database", "postgres://ann@db1,db2/registry"), "postgres://ann@db1,db2/registry");
  EXPECT_EQ(MaskSecrets("database", "host=db password='a b\\'c' user=ann"), "host=db password=*** user=ann");
  EXPECT_EQ(MaskSecrets("database", "host=db PASSWORD = secret"), "host=db PASSWORD = ***");
  EXPECT_EQ(MaskSecrets("database", "postgres://db/x?user=ann&password=pw&sslmode=require"),
            "postgres://db/x?user=ann&password=***&sslmode=require");
  EXPECT_EQ(MaskSecrets("jwt_keys", "https://u:p:q@issuer.example/keys"), "https://u:***@issuer.example/keys");
  EXPECT_EQ(MaskSecrets("database", "postgres://ann:p@ss@db/x"), "postgres://ann:***@db/x");
  EXPECT_EQ(MaskSecrets("database", "postgres://ann:p/a:s@s@db/x"), "postgres://ann:***@db/x");
  EXPECT_EQ(MaskSecrets("jwt_keys", "https://issuer.example:8443/keys@2"), "https://issuer.example:8443/keys@2");
  EXPECT_EQ(MaskSecrets("alertmanager", "http://a:9093,http://b:9093"), "http://a:9093,http://b:9093");
  EXPECT_EQ(MaskSecrets("hook_secret", "x"), "***");
  EXPECT_EQ(MaskSecrets("hook_secret", ""), "");
  EXPECT_EQ(MaskSecrets("alertmanager_hook_secret", "/etc/orewatch/hook"), "/etc/orewatch/hook");
  EXPECT_EQ(MaskSecrets("upstream_api_key_file", "/etc/orewatch/key"), "/etc/orewatch/key");
}

TEST(ShownSettingsTest, TheHashIsOfWhatReplicasShare) {
  const absl::FlagSaver saver;
  const int64_t before = HashSettings();
  EXPECT_GE(before, 0);
  EXPECT_LT(before, int64_t{1} << 48);
  absl::SetFlag(&FLAGS_data_dir, "/elsewhere");
  EXPECT_EQ(HashSettings(), before);
  absl::SetFlag(&FLAGS_shown_setting, "as it is");
  EXPECT_NE(HashSettings(), before);
}

}  // namespace
}  // namespace orewatch::config
