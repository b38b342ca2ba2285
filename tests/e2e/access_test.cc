// Who may call what, of every method of every service with every kind of credential: the suite as it runs, with its
// callers made to prove who they are.
#include <httplib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/auth/api_key.h"
#include "common/auth/testing/signing_key.h"
#include "common/hash/sha256.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "tests/testing/clients.h"
#include "tests/testing/generic_call.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {
namespace {

using access::v1::Role;
using auth::Algorithm;
using auth::ClaimsOf;
using auth::SigningKey;
using ::google::protobuf::MethodDescriptor;
using ::testing::HasSubstr;
using ::testing::Not;

using Metadata = std::vector<std::pair<std::string, std::string>>;

constexpr Role kRoles[] = {access::v1::ROLE_VIEWER, access::v1::ROLE_ANALYST, access::v1::ROLE_OPERATOR,
                           access::v1::ROLE_ADMIN};
constexpr Algorithm kAlgorithms[] = {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa};

std::string WordOf(Role role) { return absl::AsciiStrToLower(access::v1::Role_Name(role).substr(5)); }

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* file :
       {registry::v1::GetHeadRequest::descriptor()->file(), risk::v1::GetScoreRequest::descriptor()->file(),
        alerting::v1::GetRuleRequest::descriptor()->file(), gateway::v1::GetOverviewRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service(0)->method_count(); ++i) {
      methods.push_back(file->service(0)->method(i));
    }
  }
  return methods;
}

Role RoleOf(const MethodDescriptor& method) { return method.options().GetExtension(access::v1::access).role(); }

Metadata Bearer(const std::string& secret) { return {{"authorization", absl::StrCat("Bearer ", secret)}}; }

// As a reader of a file sees it: whole or not at all.
void WriteWhole(const std::string& path, const std::string& text) {
  std::ofstream(absl::StrCat(path, ".new")) << text;
  std::filesystem::rename(absl::StrCat(path, ".new"), path);
}

std::string KeyEntry(const std::string& key, const std::string& grant, const std::string& rest = "") {
  return absl::StrCat("keys { id: '", std::string(auth::ParseApiKey(key)->id), "' secret_sha256: '",
                      absl::BytesToHexString(Sha256Of(auth::ParseApiKey(key)->secret)), "' grant { ", grant, " } ",
                      rest, " }\n");
}

// What the callers of one suite may have.
struct Keyring {
  Keyring() {
    for (const Algorithm algorithm : kAlgorithms) {
      signers.emplace(algorithm, SigningKey(algorithm, std::string(auth::NameOf(algorithm))));
    }
    for (const Role role : kRoles) {
      keys.emplace(role, auth::NewApiKey(absl::StrCat("key-", WordOf(role))));
    }
  }

  std::string AccessFile() const {
    std::string text;
    for (const auto& [role, key] : keys) {
      absl::StrAppend(&text, KeyEntry(key, absl::StrCat("principal: 'key-", WordOf(role),
                                                        "' role: ", access::v1::Role_Name(role))));
    }
    const std::string admin = "principal: 'old-admin' role: ROLE_ADMIN";
    absl::StrAppend(&text, KeyEntry(revoked, admin, "revoked: true"),
                    KeyEntry(expired, admin, "expire_time: '2020-01-01T00:00:00Z'"),
                    KeyEntry(scoped, admin, "scopes: 'orewatch.risk.v1.Risk'"),
                    KeyEntry(risk,
                             "principal: 'orewatch-risk' role: ROLE_ANALYST service: true "
                             "may_speak_for_others: true"));
    return text;
  }
  std::string JwkSet() const {
    return auth::JwkSetOf(
        {signers.at(Algorithm::kRs256), signers.at(Algorithm::kEs256), signers.at(Algorithm::kEdDsa)});
  }
  std::string Token(Algorithm algorithm, const std::string& subject, Role role) const {
    return signers.at(algorithm).Token(ClaimsOf(subject, WordOf(role), absl::Now()));
  }
  // Of an administrator, with other claims.
  std::string AdminToken(const nlohmann::json& claims) const {
    auto all = ClaimsOf("root", "admin", absl::Now());
    all.update(claims);
    return signers.at(Algorithm::kEs256).Token(all);
  }

  std::map<Algorithm, SigningKey> signers;
  std::map<Role, std::string> keys;
  const std::string revoked = auth::NewApiKey("revoked");
  const std::string expired = auth::NewApiKey("expired");
  const std::string scoped = auth::NewApiKey("scoped");
  const std::string risk = auth::NewApiKey("risk-service");
};

// A suite whose callers prove who they are.
class GuardedSuite {
 public:
  explicit GuardedSuite(const std::vector<std::string>& flags = {}) {
    WriteWhole(key_file(), ring.JwkSet());
    WriteWhole(access_file(), ring.AccessFile());
    std::vector<std::string> all = {absl::StrCat("--data_dir=", dir_ / "data"),
                                    "--default_rules=data/rules.textproto",
                                    absl::StrCat("--jwt_keys=", key_file()),
                                    absl::StrCat("--jwt_issuer=", auth::kTestIssuer),
                                    absl::StrCat("--jwt_audience=", auth::kTestAudience),
                                    absl::StrCat("--access_file=", access_file())};
    all.insert(all.end(), flags.begin(), flags.end());
    process_.emplace("orewatch", dir_ / "log", all);
    channel = process_->channel();
  }

  std::string key_file() const { return dir_ / "keys.json"; }
  std::string access_file() const { return dir_ / "access.textproto"; }
  std::string InFolder(const std::string& name) const { return dir_ / name; }
  ServiceProcess& process() { return *process_; }
  // A request that is none: refused as such where its caller may call, and before that where not.
  absl::Status Knock(const MethodDescriptor& method, const Metadata& metadata) const {
    return CallWithBytes(channel, method, "\xff", kCallTimeout, metadata);
  }
  bool MetricIs(const std::string& line) {
    return absl::StrContains(process_->AdminPage("/metrics").value_or(""), absl::StrCat(line, "\n"));
  }

  Keyring ring;
  std::shared_ptr<grpc::Channel> channel;

 private:
  TempDir dir_;
  std::optional<ServiceProcess> process_;
};

class AccessTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { suite_ = new GuardedSuite; }
  static void TearDownTestSuite() {
    EXPECT_EQ(suite_->process().Terminate(), 0);
    delete suite_;
    suite_ = nullptr;
  }

  static absl::Status Knock(const MethodDescriptor& method, const Metadata& metadata) {
    return suite_->Knock(method, metadata);
  }
  // Every method is refused for the same reason.
  static void ExpectRefused(const Metadata& metadata, absl::StatusCode code, const char* reason) {
    for (const MethodDescriptor* method : Methods()) {
      EXPECT_THAT(Knock(*method, metadata), HasError(code, reason)) << method->full_name();
    }
  }
  static void ExpectUnauthenticated(const Metadata& metadata, const char* reason) {
    ExpectRefused(metadata, absl::StatusCode::kUnauthenticated, reason);
  }
  // Every method is as its declaration says.
  static void ExpectAsDeclared(const Metadata& metadata, Role role) {
    int allowed = 0;
    for (const MethodDescriptor* method : Methods()) {
      const absl::Status status = Knock(*method, metadata);
      if (RoleOf(*method) <= role) {
        ++allowed;
        EXPECT_THAT(status, HasError(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST")) << method->full_name();
      } else {
        EXPECT_THAT(status, HasError(absl::StatusCode::kPermissionDenied, "ROLE_MISSING")) << method->full_name();
      }
    }
    EXPECT_GT(allowed, 0);
  }

  static GuardedSuite* suite_;
};

GuardedSuite* AccessTest::suite_ = nullptr;

TEST_F(AccessTest, TheMethodsAskForMoreThanOneRole) {
  std::map<Role, int> methods;
  for (const MethodDescriptor* method : Methods()) {
    ++methods[RoleOf(*method)];
  }
  EXPECT_EQ(methods.count(access::v1::ROLE_UNSPECIFIED), 0U);
  EXPECT_GT(methods[access::v1::ROLE_VIEWER], 0);
  EXPECT_GT(methods[access::v1::ROLE_OPERATOR], 0);
}

TEST_F(AccessTest, ATokenOfEachAlgorithmAllowsWhatItsRoleAllows) {
  for (const Algorithm algorithm : kAlgorithms) {
    for (const Role role : kRoles) {
      SCOPED_TRACE(absl::StrCat(std::string(auth::NameOf(algorithm)), " ", WordOf(role)));
      ExpectAsDeclared(Bearer(suite_->ring.Token(algorithm, "carol", role)), role);
    }
  }
}

TEST_F(AccessTest, AKeyAllowsWhatItsRoleAllowsInEitherHeader) {
  for (const Role role : kRoles) {
    SCOPED_TRACE(WordOf(role));
    ExpectAsDeclared(Bearer(suite_->ring.keys.at(role)), role);
    ExpectAsDeclared({{"x-api-key", suite_->ring.keys.at(role)}}, role);
  }
}

TEST_F(AccessTest, NothingProvesNothing) { ExpectUnauthenticated({}, "NO_CREDENTIAL"); }

TEST_F(AccessTest, AnExpiredTokenIsNone) {
  ExpectUnauthenticated(Bearer(suite_->ring.AdminToken({{"exp", absl::ToUnixSeconds(absl::Now()) - 3600}})),
                        "TOKEN_EXPIRED");
}

TEST_F(AccessTest, ATokenForAnotherAudienceIsNone) {
  ExpectUnauthenticated(Bearer(suite_->ring.AdminToken({{"aud", "somebody-else"}})), "WRONG_AUDIENCE");
}

TEST_F(AccessTest, ATokenOfAnotherIssuerIsNone) {
  ExpectUnauthenticated(Bearer(suite_->ring.AdminToken({{"iss", "https://evil.example"}})), "WRONG_ISSUER");
}

TEST_F(AccessTest, ATokenSignedWithAnotherAlgorithmIsNone) {
  const auto claims = ClaimsOf("root", "admin", absl::Now());
  const SigningKey& signer = suite_->ring.signers.at(Algorithm::kRs256);
  ExpectUnauthenticated(Bearer(signer.Token({{"alg", "HS256"}, {"kid", signer.id()}}, claims)),
                        "ALGORITHM_NOT_ALLOWED");
  ExpectUnauthenticated(Bearer(signer.Token({{"alg", "none"}, {"kid", signer.id()}}, claims)), "ALGORITHM_NOT_ALLOWED");
}

TEST_F(AccessTest, ATokenOfAnUnknownKeyIsNone) {
  const SigningKey stranger(Algorithm::kEs256, "stranger");
  ExpectUnauthenticated(Bearer(stranger.Token(ClaimsOf("root", "admin", absl::Now()))), "UNKNOWN_KEY");
  const SigningKey impostor(Algorithm::kEs256, "ES256");
  ExpectUnauthenticated(Bearer(impostor.Token(ClaimsOf("root", "admin", absl::Now()))), "BAD_SIGNATURE");
}

TEST_F(AccessTest, AKeyThatIsRevokedExpiredOrOfNobodyIsNone) {
  ExpectUnauthenticated(Bearer(suite_->ring.revoked), "KEY_REVOKED");
  ExpectUnauthenticated(Bearer(suite_->ring.expired), "KEY_EXPIRED");
  ExpectUnauthenticated(Bearer(auth::NewApiKey("nobody")), "BAD_KEY");
}

TEST_F(AccessTest, AKeyOpensWhatIsInItsScopeAlone) {
  for (const MethodDescriptor* method : Methods()) {
    const bool inside = method->service()->full_name() == "orewatch.risk.v1.Risk";
    EXPECT_THAT(Knock(*method, Bearer(suite_->ring.scoped)),
                inside ? HasError(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST")
                       : HasError(absl::StatusCode::kPermissionDenied, "OUT_OF_SCOPE"))
        << method->full_name();
  }
}

TEST_F(AccessTest, AStrangerWhoSpeaksForOthersIsRefused) {
  Metadata metadata = Bearer(suite_->ring.Token(Algorithm::kEdDsa, "root", access::v1::ROLE_ADMIN));
  metadata.emplace_back("x-orewatch-principal", "orewatch-risk");
  ExpectRefused(metadata, absl::StatusCode::kPermissionDenied, "MAY_NOT_SPEAK_FOR_OTHERS");
  ExpectUnauthenticated({{"x-orewatch-principal", "root"}, {"x-orewatch-role", "ROLE_ADMIN"}}, "NO_CREDENTIAL");
}

TEST_F(AccessTest, ATokenWithTheNameOfAServiceIsNone) {
  ExpectUnauthenticated(Bearer(suite_->ring.AdminToken({{"sub", "orewatch-risk"}})), "RESERVED_PRINCIPAL");
}

TEST_F(AccessTest, AServiceHandsOnNoMoreThanItsRole) {
  for (const Role role : kRoles) {
    Metadata metadata = Bearer(suite_->ring.risk);
    metadata.emplace_back("x-orewatch-principal", "carol");
    metadata.emplace_back("x-orewatch-role", access::v1::Role_Name(role));
    ExpectAsDeclared(metadata, std::min(role, access::v1::ROLE_ANALYST));
  }
}

// What each caller finds in an export.
std::string ExportedTo(RegistryStub& stub, const Metadata& metadata) {
  grpc::ClientContext context;
  LimitCall(context);
  for (const auto& [name, value] : metadata) {
    context.AddMetadata(name, value);
  }
  std::string text;
  const auto stream = stub.Export(&context, {});
  for (registry::v1::ExportResponse response; stream->Read(&response);) {
    text += response.ShortDebugString();
  }
  const grpc::Status status = stream->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  return text;
}

TEST_F(AccessTest, NoRoleOpensWhatSomebodyElseOwns) {
  RegistryStub stub(suite_->channel);
  const auto with = [&](const std::string& subject, Role role) {
    return Bearer(suite_->ring.Token(Algorithm::kEs256, subject, role));
  };
  const auto call = [&](const char* name, const std::string& text, const Metadata& metadata) {
    for (const MethodDescriptor* method : Methods()) {
      if (method->name() == name) {
        return CallWithBytes(suite_->channel, *method, RequestBytes(*method, text), kCallTimeout, metadata);
      }
    }
    return absl::UnimplementedError(name);
  };
  ASSERT_THAT(call("CreateSupplier",
                   "supplier_id: 'hush' supplier { provenance { source: 's' } visibility { owner: 'alice' } }",
                   with("alice", access::v1::ROLE_OPERATOR)),
              IsOk());
  EXPECT_THAT(call("GetSupplier", "name: 'suppliers/hush'", with("alice", access::v1::ROLE_VIEWER)), IsOk());
  EXPECT_THAT(call("GetSupplier", "name: 'suppliers/hush'", with("root", access::v1::ROLE_ADMIN)),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(ExportedTo(stub, with("alice", access::v1::ROLE_ANALYST)), HasSubstr("suppliers/hush"));
  EXPECT_THAT(ExportedTo(stub, with("root", access::v1::ROLE_ADMIN)), Not(HasSubstr("suppliers/hush")));
  EXPECT_THAT(ExportedTo(stub, Bearer(suite_->ring.keys.at(access::v1::ROLE_ADMIN))), Not(HasSubstr("suppliers/hush")));
  // Who follows on behalf of all is told so by the access file, and by nothing else.
  EXPECT_THAT(ExportedTo(stub, Bearer(suite_->ring.risk)), HasSubstr("suppliers/hush"));
  Metadata handed_on = Bearer(suite_->ring.risk);
  handed_on.emplace_back("x-orewatch-principal", "root");
  handed_on.emplace_back("x-orewatch-role", "ROLE_ADMIN");
  EXPECT_THAT(ExportedTo(stub, handed_on), Not(HasSubstr("suppliers/hush")));
}

TEST_F(AccessTest, TheCommandLineClientProvesWhoCalls) {
  const std::string token = suite_->InFolder("token");
  WriteWhole(token, suite_->ring.Token(Algorithm::kRs256, "carol", access::v1::ROLE_VIEWER));
  const auto ctl = [&](const std::vector<std::string>& words) {
    ChildProcess::Options options{.program = "orewatchctl", .arguments = {"--address", suite_->process().address()}};
    options.arguments.insert(options.arguments.end(), words.begin(), words.end());
    return RunToEnd(options);
  };
  EXPECT_EQ(ctl({"get", "minerals", absl::StrCat("--token_file=", token)}).code, 0);
  const Finished refused = ctl({"delete", "minerals/tin", absl::StrCat("--token_file=", token)});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr("ROLE_OPERATOR"));
  EXPECT_THAT(ctl({"get", "minerals"}).output, HasSubstr("say who you are"));
}

TEST_F(AccessTest, NoLogHoldsACredential) {
  const std::string token = suite_->ring.Token(Algorithm::kEs256, "carol", access::v1::ROLE_VIEWER);
  ASSERT_THAT(Knock(*Methods().front(), Bearer(token)), HasCode(absl::StatusCode::kInvalidArgument));
  std::ifstream log(suite_->InFolder("log"));
  const std::string lines{std::istreambuf_iterator<char>(log), std::istreambuf_iterator<char>()};
  EXPECT_THAT(lines, HasSubstr("carol"));
  EXPECT_THAT(lines, Not(HasSubstr(token.substr(token.rfind('.') + 1))));
  EXPECT_THAT(lines, Not(HasSubstr(std::string(auth::ParseApiKey(suite_->ring.scoped)->secret))));
}

// Calls all the time, with whatever token is good at the moment.
class Load {
 public:
  Load(const GuardedSuite& suite, std::string token)
      : suite_(suite), token_(std::move(token)), thread_([this] { Run(); }) {}
  ~Load() { Stop(); }
  void Use(std::string token) {
    absl::MutexLock lock(&mutex_);
    token_ = std::move(token);
  }
  void Stop() {
    stopped_.store(true);
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  // Waits for so many more calls.
  void Await(int more) const {
    const int until = calls_.load() + more;
    Eventually("calls", [&] { return calls_.load() >= until; });
  }
  int calls() const { return calls_.load(); }
  int failures() const { return failures_.load(); }

 private:
  void Run() {
    while (!stopped_.load()) {
      std::string token;
      {
        absl::MutexLock lock(&mutex_);
        token = token_;
      }
      if (ErrorReason(suite_.Knock(*Methods().front(), Bearer(token))) != "MALFORMED_REQUEST") {
        failures_.fetch_add(1);
      }
      calls_.fetch_add(1);
    }
  }

  const GuardedSuite& suite_;
  absl::Mutex mutex_;
  std::string token_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> stopped_{false};
  std::atomic<int> calls_{0};
  std::atomic<int> failures_{0};
  std::thread thread_;
};

TEST(KeyRotationTest, KeysOfAFileAreExchangedUnderLoadWithoutAFailedCall) {
  GuardedSuite suite;
  const auto admin = [](const SigningKey& key) { return key.Token(ClaimsOf("root", "admin", absl::Now())); };
  SigningKey current = suite.ring.signers.at(Algorithm::kEs256);
  Load load(suite, admin(current));
  for (int i = 0; i < 3; ++i) {
    const SigningKey next(Algorithm::kEs256, absl::StrCat("round-", i));
    WriteWhole(suite.key_file(), auth::JwkSetOf({current, next}));
    ASSERT_TRUE(Eventually("both keys", [&] {
      return ErrorReason(suite.Knock(*Methods().front(), Bearer(admin(next)))) == "MALFORMED_REQUEST";
    }));
    load.Use(admin(next));
    load.Await(20);
    WriteWhole(suite.key_file(), auth::JwkSetOf({next}));
    ASSERT_TRUE(Eventually("the old key to go", [&] {
      return ErrorReason(suite.Knock(*Methods().front(), Bearer(admin(current)))) == "UNKNOWN_KEY";
    }));
    load.Await(20);
    current = next;
  }
  load.Stop();
  EXPECT_EQ(load.failures(), 0) << "of " << load.calls();
}

TEST(KeyRotationTest, AKeyIsRevokedWhileTheServiceRuns) {
  GuardedSuite suite;
  const std::string key = suite.ring.keys.at(access::v1::ROLE_ADMIN);
  ASSERT_THAT(suite.Knock(*Methods().front(), Bearer(key)), HasCode(absl::StatusCode::kInvalidArgument));
  WriteWhole(suite.access_file(), "keys { this is no access file");
  ASSERT_TRUE(Eventually("the failed reading", [&] {
    return suite.MetricIs("orewatch_auth_last_reload_successful{source=\"access_file\"} 0");
  }));
  EXPECT_THAT(suite.Knock(*Methods().front(), Bearer(key)), HasCode(absl::StatusCode::kInvalidArgument));
  WriteWhole(suite.access_file(), KeyEntry(key, "principal: 'x' role: ROLE_ADMIN", "revoked: true"));
  ASSERT_TRUE(Eventually("the revocation",
                         [&] { return ErrorReason(suite.Knock(*Methods().front(), Bearer(key))) == "KEY_REVOKED"; }));
}

TEST(KeyRotationTest, KeysOfAServerOutliveIt) {
  const SigningKey first(Algorithm::kEdDsa, "first");
  const SigningKey second(Algorithm::kEdDsa, "second");
  std::atomic<bool> rotated{false};
  std::atomic<bool> away{false};
  httplib::Server server;
  server.Get("/keys", [&](const httplib::Request&, httplib::Response& response) {
    response.status = away.load() ? 503 : 200;
    response.set_content(auth::JwkSetOf({rotated.load() ? second : first}), "application/json");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread serving([&] { server.listen_after_bind(); });
  GuardedSuite suite({absl::StrCat("--jwt_keys=http://127.0.0.1:", port, "/keys"), "--jwt_keys_refresh=1s"});
  const auto reason = [&](const SigningKey& key) {
    return ErrorReason(suite.Knock(*Methods().front(), Bearer(key.Token(ClaimsOf("root", "admin", absl::Now())))));
  };
  EXPECT_EQ(reason(first), "MALFORMED_REQUEST");
  EXPECT_EQ(reason(second), "UNKNOWN_KEY");
  rotated.store(true);
  EXPECT_TRUE(Eventually("the other key", [&] { return reason(second) == "MALFORMED_REQUEST"; }));
  away.store(true);
  EXPECT_TRUE(Eventually("the failed fetch", [&] {
    return suite.MetricIs("orewatch_auth_last_reload_successful{source=\"jwt_keys\"} 0");
  }));
  EXPECT_EQ(reason(second), "MALFORMED_REQUEST");
  server.stop();
  serving.join();
  EXPECT_EQ(suite.process().Terminate(), 0);
}

TEST(SeparateServicesTest, ServicesProveThemselvesToEachOther) {
  const TempDir dir;
  const Keyring ring;
  WriteWhole(dir / "access.textproto", ring.AccessFile());
  WriteWhole(dir / "risk.key", ring.risk);
  const std::string access = absl::StrCat("--access_file=", dir / "access.textproto");
  const ServiceProcess registry("orewatch-registry", dir / "registry.log",
                                {absl::StrCat("--data_dir=", dir / "data"), access, "--log_calls=all"});
  // It is ready once it has what the registry has.
  const ServiceProcess risk("orewatch-risk", dir / "risk.log",
                            {absl::StrCat("--registry_address=", registry.address()), access,
                             absl::StrCat("--upstream_api_key_file=", dir / "risk.key")});
  std::ifstream log(dir / "registry.log");
  const std::string lines{std::istreambuf_iterator<char>(log), std::istreambuf_iterator<char>()};
  EXPECT_THAT(lines, HasSubstr("\"principal\":\"orewatch-risk\""));
  EXPECT_THAT(lines, Not(HasSubstr("UNAUTHENTICATED")));
}

TEST(AccessFlagsTest, FlagsThatDoNotFitTogetherStopTheStart) {
  const TempDir dir;
  WriteWhole(dir / "access", "");
  WriteWhole(dir / "keys", Keyring().JwkSet());
  WriteWhole(dir / "bad", "keys {");
  const std::string access = absl::StrCat("--access_file=", dir / "access");
  const std::string keys = absl::StrCat("--jwt_keys=", dir / "keys");
  const std::string issuer = "--jwt_issuer=i";
  const std::string audience = "--jwt_audience=a";
  for (const auto& [named, flags] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"--trust_principal_header", {access, "--trust_principal_header=true"}},
           {"--reflection", {access, "--reflection"}},
           {"--jwt_issuer", {keys, audience}},
           {"--jwt_audience", {keys, issuer}},
           {"--jwt_algorithms", {keys, issuer, audience, "--jwt_algorithms=RS256,HS256"}},
           {"--jwt_algorithms", {keys, issuer, audience, "--jwt_algorithms=none"}},
           {"--jwt_leeway", {keys, issuer, audience, "--jwt_leeway=-1s"}},
           {"--jwt_keys", {absl::StrCat("--jwt_keys=", dir / "bad"), issuer, audience}},
           {"--jwt_keys", {"--jwt_keys=http://keys.example/jwks", issuer, audience}},
           {"--jwt_keys", {"--jwt_keys=http://127.evil.example/jwks", issuer, audience}},
           {"--jwt_keys", {"--jwt_keys=http://127.0.0.1:1/jwks?p=policy", issuer, audience}},
           {"--jwt_keys", {"--jwt_keys=https://keys.example/jwks?p=policy#part", issuer, audience}},
           {"--jwt_keys", {"--jwt_keys=https://user@keys.example/jwks?p=policy", issuer, audience}},
           // The query of the keys is fine: what is missing is the next thing.
           {"--jwt_keys_max_age",
            {"--jwt_keys=https://keys.example/jwks?p=policy", "--jwt_keys_max_age=1s", issuer, audience}},
           {"--access_file", {absl::StrCat("--access_file=", dir / "bad")}},
           {"--access_file", {absl::StrCat("--access_file=", dir / "missing")}},
           {"--upstream_api_key_file", {absl::StrCat("--upstream_api_key_file=", dir / "bad")}}}) {
    ChildProcess::Options options{.program = "orewatch-risk",
                                  .arguments = {"--address=127.0.0.1:0", "--admin_address=127.0.0.1:0"}};
    options.arguments.insert(options.arguments.end(), flags.begin(), flags.end());
    const Finished run = RunToEnd(options);
    EXPECT_EQ(run.code, 2) << run.output;
    EXPECT_THAT(run.output, HasSubstr(absl::StrCat("error: ", named, ": ")));
  }
}

}  // namespace
}  // namespace orewatch::testing
