// Nothing of what one owner hides reaches another, by any method of the service.
#include <map>
#include <regex>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "common/rpc/speak_for.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "services/registry/api/api_fixture.h"
#include "services/registry/domain/kinds.h"
#include "services/registry/engine/importer.h"
#include "services/registry/engine/metadata.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;

constexpr char kHidden[] = "visibility { owner: 'alice' readers: 'carol' }";

// What a caller gets, as text: the status with its details, or the answer. What differs between two histories by its
// nature is blotted out.
std::string Blotted(const std::string& text) {
  static const std::regex history(
      R"((lineage|etag|digest): "(?:[^"\\]|\\.)*"|(number|seconds|nanos): [0-9.e+-]+|[0-9a-f]{8}-[0-9]+)");
  static const std::regex token(R"((next_page_token): "[^"]*")");
  return std::regex_replace(std::regex_replace(text, history, "~"), token, "$1");
}

std::string Told(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  if (const auto payload = status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo"); payload.has_value()) {
    info.ParseFromString(std::string(*payload));
  }
  std::string text = absl::StrCat(absl::StatusCodeToString(status.code()), " ", std::string(status.message()), "\n",
                                  info.DebugString());
  for (const auto& [field, description] : ViolationsOf(status)) {
    absl::StrAppend(&text, field, ": ", description, "\n");
  }
  return Blotted(text);
}

class VisibilityApiTest : public RegistryApiTest {
 protected:
  VisibilityApiTest() : without_(GetParam(), clock_) {
    const std::vector<std::string> open = {Mineral("tin"), Supplier("open"), Facility("open", "mine"),
                                           "country { name: 'countries/JP' provenance { source: 'a test' } }"};
    PutOn(*api_, open);
    PutOn(without_, open);
    // One hidden resource of each kind that can be, each with words and references of its own.
    PutOn(*api_, {Supplier("hush", absl::StrCat("display_name: 'Hush' ", kHidden)), Facility("hush", "pit"),
                  Supplier("zz-hush", kHidden),
                  Hidden("link", "links", "from: 'suppliers/open' to: 'suppliers/hush' mineral: 'minerals/tin'"),
                  Hidden("project", "projects", "display_name: 'Hush'"),
                  Hidden("agreement", "agreements", "display_name: 'Hush'"),
                  Hidden("stockpile", "stockpiles", "display_name: 'Hush'"),
                  Hidden("requirement", "requirements", "holder: 'suppliers/hush'"),
                  Hidden("event", "events", "display_name: 'Hush' impacts { subject: 'suppliers/open' }")});
  }

  static void PutOn(TestRegistry& api, const std::vector<std::string>& entries) {
    v1::ApplyChangesRequest request;
    for (const std::string& entry : entries) {
      auto& mutation = *request.add_mutations();
      mutation.set_operation(v1::Mutation::OPERATION_CREATE);
      *mutation.mutable_entry() = ParseProto<v1::Entry>(entry);
    }
    ASSERT_THAT(CallOn(api, &Stub::ApplyChanges, request, "alice"), IsOk());
  }
  static std::string Hidden(const std::string& kind, const std::string& collection, const std::string& more) {
    return absl::StrCat(kind, " { name: '", collection, "/hush' provenance { source: 'a test' } ", more, " ", kHidden,
                        " }");
  }

  // Calls a unary method by its name.
  static std::string Unary(TestRegistry& api, const google::protobuf::MethodDescriptor& method, const std::string& text,
                           const std::string& principal) {
    auto* factory = google::protobuf::MessageFactory::generated_factory();
    const std::unique_ptr<google::protobuf::Message> request(factory->GetPrototype(method.input_type())->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get())) << method.name() << " " << text;
    grpc::ByteBuffer sent;
    grpc::ByteBuffer received;
    bool own = false;
    grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(*request, &sent, &own);
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    grpc::GenericStub stub(api.channel());
    absl::Notification done;
    grpc::Status status;
    stub.UnaryCall(&context, absl::StrCat("/", method.service()->full_name(), "/", method.name()), grpc::StubOptions(),
                   &sent, &received, [&](grpc::Status result) {
                     status = std::move(result);
                     done.Notify();
                   });
    done.WaitForNotification();
    if (!status.ok()) {
      return Told(rpc::FromGrpc(status));
    }
    const std::unique_ptr<google::protobuf::Message> response(factory->GetPrototype(method.output_type())->New());
    grpc::GenericDeserialize<grpc::ProtoBufferReader, google::protobuf::Message>(&received, response.get());
    return Blotted(response->DebugString());
  }

  static std::string Exported(TestRegistry& api, const std::string& principal) {
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    const auto reader = api.stub->Export(&context, {});
    v1::ExportResponse chunk;
    std::string text;
    while (reader->Read(&chunk)) {
      for (const v1::Entry& entry : chunk.entries()) {
        absl::StrAppend(&text, entry.DebugString());
      }
    }
    reader->Finish();
    return Blotted(text);
  }

  // All changes up to the head; what shows nothing is left out.
  static std::string Watched(TestRegistry& api, const std::string& principal) {
    Watcher watcher(*api.stub, "", principal);
    std::string text;
    for (int64_t revision = 0; revision < api.store->head();) {
      const v1::ChangeSet set = watcher.Next();
      revision = set.revision().number();
      absl::StrAppend(&text, set.bookmark() ? "" : set.DebugString());
      EXPECT_FALSE(set.bookmark() && (set.has_principal() || set.changes_size() > 0));
    }
    return Blotted(text);
  }

  static std::string Imported(TestRegistry& api, const std::string& entry, const std::string& principal) {
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    v1::ImportResponse report;
    const auto writer = api.stub->Import(&context, &report);
    v1::ImportRequest request;
    *request.add_rows()->mutable_entry() = ParseProto<v1::Entry>(entry);
    writer->Write(request);
    writer->WritesDone();
    const absl::Status status = rpc::FromGrpc(writer->Finish());
    return status.ok() ? Blotted(report.DebugString()) : Told(status);
  }

  // Requests of each unary method about what is hidden.
  static std::map<std::string, std::vector<std::string>> Requests();

  TestRegistry without_;
};

std::map<std::string, std::vector<std::string>> VisibilityApiTest::Requests() {
  std::map<std::string, std::vector<std::string>> requests = {
      {"BatchGet", {"names: 'suppliers/hush'", "names: 'minerals/tin' names: 'projects/hush' names: 'events/none'"}},
      {"ApplyChanges",
       {"mutations { operation: OPERATION_DELETE name: 'projects/hush' }",
        "mutations { operation: OPERATION_DELETE name: 'projects/hush' allow_missing: true }",
        "mutations { operation: OPERATION_UPDATE entry { project { name: 'projects/hush' provenance { source: 's' } } "
        "} }",
        "mutations { operation: OPERATION_UNDELETE name: 'projects/hush' }"}},
      {"GetStatistic", {"statistic { dataset: 'd' year: 2024 indicator { subject: 'suppliers/hush' } }"}},
      {"ListStatistics", {"kind: STATISTIC_KIND_PRODUCTION"}},
      {"DeleteStatistic", {"statistic { dataset: 'd' year: 2024 indicator { subject: 'suppliers/hush' } }"}},
      {"Search", {"query: 'hush'", "query: 'tin' page_size: 1", "query: 'pit' kinds: 'facilities'"}},
      {"ListChanges", {"name: 'suppliers/hush'", "name: 'suppliers/hush/facilities/pit'", "name: 'suppliers/open'"}},
      {"GetHead", {""}},
      {"Compact", {"revision: 1"}},
  };
  const auto* service = v1::GetHeadRequest::descriptor()->file()->FindServiceByName("Registry");
  for (const KindInfo& info : ResourceKinds()) {
    const std::string singular = info.prototype->GetDescriptor()->name();
    const std::string field = info.entry_field->name();
    const std::string id = info.kind == Kind::kCountry ? "ZW" : info.kind == Kind::kBloc ? "HUSH" : "hush";
    const std::string name =
        info.parent.has_value() ? "suppliers/hush/facilities/pit" : absl::StrCat(std::string(info.collection), "/", id);
    requests[absl::StrCat("Get", singular)] = {absl::StrCat("name: '", name, "'")};
    // A reference to what is hidden.
    requests[absl::StrCat("Create", singular)] = {
        info.parent.has_value() ? "parent: 'suppliers/hush' facility_id: 'new' facility { provenance { source: 's' } }"
                                : absl::StrCat(field, "_id: '",
                                               info.kind == Kind::kCountry ? "QQ"
                                               : info.kind == Kind::kBloc  ? "QQ"
                                                                           : "new",
                                               "' ", field, " { provenance { source: 's' } } validate_only: true")};
    requests[absl::StrCat("Update", singular)] = {
        absl::StrCat(field, " { name: '", name, "' provenance { source: 's' } }")};
    requests[absl::StrCat("Delete", singular)] = {absl::StrCat("name: '", name, "'"),
                                                  absl::StrCat("name: '", name, "' allow_missing: true")};
    requests[absl::StrCat("Undelete", singular)] = {absl::StrCat("name: '", name, "'")};
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* first = service->method(i)->output_type()->FindFieldByNumber(1);
      if (first != nullptr && first->is_repeated() && first->message_type() == info.prototype->GetDescriptor()) {
        const std::string parent = info.parent.has_value() ? "parent: 'suppliers/-'" : "";
        requests[service->method(i)->name()] = {parent, absl::StrCat(parent, " show_deleted: true page_size: 1"),
                                                absl::StrCat(parent, " order_by: 'metadata.update_time desc'")};
      }
    }
  }
  requests["CreateLink"].push_back(
      "link_id: 'new' link { from: 'suppliers/hush' to: 'suppliers/open' provenance { source: 's' } }");
  requests["ListFacilities"].push_back("parent: 'suppliers/hush'");
  return requests;
}

TEST_P(VisibilityApiTest, EveryMethodAnswersAsIfNothingWereHidden) {
  const auto requests = Requests();
  const auto* service = v1::GetHeadRequest::descriptor()->file()->FindServiceByName("Registry");
  for (int i = 0; i < service->method_count(); ++i) {
    const auto& method = *service->method(i);
    if (method.client_streaming() || method.server_streaming()) {
      continue;
    }
    const auto found = requests.find(method.name());
    ASSERT_NE(found, requests.end()) << "add requests of " << method.name() << " that try to see what is hidden";
    for (const std::string& request : found->second) {
      EXPECT_EQ(Unary(*api_, method, request, "bob"), Unary(without_, method, request, "bob"))
          << method.name() << " " << request;
    }
  }
  EXPECT_EQ(Exported(*api_, "bob"), Exported(without_, "bob"));
  EXPECT_EQ(Watched(*api_, "bob"), Watched(without_, "bob"));
}

TEST_P(VisibilityApiTest, StreamingMethodsAreAllInTheTest) {
  std::vector<std::string> streaming;
  const auto* service = v1::GetHeadRequest::descriptor()->file()->FindServiceByName("Registry");
  for (int i = 0; i < service->method_count(); ++i) {
    if (service->method(i)->client_streaming() || service->method(i)->server_streaming()) {
      streaming.push_back(service->method(i)->name());
    }
  }
  EXPECT_THAT(streaming, ::testing::ElementsAre("Import", "Export", "Watch"))
      << "a new stream needs a test that nothing crosses";
  // Of an import only this may be told: that a name cannot be had, as it is told of names that have expired.
  const std::string refused = Imported(*api_, Supplier("hush"), "bob");
  EXPECT_EQ(refused.find("alice"), std::string::npos) << refused;
  EXPECT_EQ(Imported(*api_, Facility("hush", "pit"), "bob").find("owner"), std::string::npos);
  const std::string link = "link { name: 'links/new' from: 'suppliers/hush' provenance { source: 's' } }";
  EXPECT_EQ(Imported(*api_, link, "bob"), Imported(without_, link, "bob"));
}

TEST_P(VisibilityApiTest, TheOwnerAndTheReadersSeeAll) {
  for (const char* principal : {"alice", "carol"}) {
    EXPECT_THAT(CallText(&Stub::GetSupplier, "name: 'suppliers/hush'", principal), IsOk());
    EXPECT_THAT(CallText(&Stub::GetFacility, "name: 'suppliers/hush/facilities/pit'", principal), IsOk());
    EXPECT_EQ(CallText(&Stub::Search, "query: 'hush'", principal)->results_size(), 8) << principal;
    EXPECT_NE(Exported(*api_, principal), Exported(without_, principal));
    EXPECT_NE(Watched(*api_, principal), Watched(without_, principal));
  }
  EXPECT_THAT(CallText(&Stub::DeleteProject, "name: 'projects/hush'", "carol"),
              HasError(absl::StatusCode::kPermissionDenied, "NOT_OWNER"));
  EXPECT_THAT(CallText(&Stub::DeleteProject, "name: 'projects/hush'", "alice"), IsOk());
}

TEST_P(VisibilityApiTest, PageTokensSayNothing) {
  ASSERT_THAT(Put({Supplier("open-2")}), IsOk());
  for (const char* request : {"page_size: 1", "page_size: 1 filter: 'name != \"suppliers/open\"'"}) {
    const auto page = CallText(&Stub::ListSuppliers, request, "alice");
    ASSERT_THAT(page, IsOk());
    std::string plain;
    ASSERT_TRUE(absl::WebSafeBase64Unescape(page->next_page_token(), &plain));
    for (const char* secret : {"hush", "open", "suppliers"}) {
      EXPECT_EQ(plain.find(secret), std::string::npos) << plain;
    }
  }
}

TEST_P(VisibilityApiTest, WhatIsHiddenEndsNoPage) {
  // More than a page looks at, between two that are public.
  for (int set = 0; set < 3; ++set) {
    constexpr int kHiddenOnes = 4000;
    std::vector<std::string> hidden;
    hidden.reserve(kHiddenOnes);
    for (int i = 0; i < kHiddenOnes; ++i) {
      hidden.push_back(Supplier(absl::StrCat("p-", set, "-", i), kHidden));
    }
    PutOn(*api_, hidden);
  }
  PutOn(*api_, {Supplier("q")});
  PutOn(without_, {Supplier("q")});
  const auto* method =
      v1::GetHeadRequest::descriptor()->file()->FindServiceByName("Registry")->FindMethodByName("ListSuppliers");
  for (const char* request : {"", "page_size: 1", "filter: 'name = \"suppliers/q\"'", "order_by: 'name desc'"}) {
    const std::string shown = Unary(*api_, *method, request, "bob");
    EXPECT_NE(shown.find("suppliers/"), std::string::npos);
    EXPECT_EQ(shown, Unary(without_, *method, request, "bob")) << request;
  }
}

TEST_P(VisibilityApiTest, WhatWasDeletedIsSeenByWhoSeesItsSupplierNow) {
  ASSERT_THAT(CallText(&Stub::DeleteFacility, "name: 'suppliers/open/facilities/mine'"), IsOk());
  const std::string name = "name: 'suppliers/open/facilities/mine'";
  const std::string all = "parent: 'suppliers/-' show_deleted: true";
  EXPECT_THAT(CallText(&Stub::GetFacility, name, "bob"), IsOk());
  EXPECT_EQ(CallText(&Stub::ListFacilities, all, "bob")->facilities_size(), 1);
  ASSERT_THAT(Put({Supplier("open", kHidden)}), IsOk());
  EXPECT_THAT(CallText(&Stub::GetFacility, name, "bob"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CallText(&Stub::BatchGet, "names: 'suppliers/open/facilities/mine'", "bob"),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_EQ(CallText(&Stub::ListFacilities, all, "bob")->facilities_size(), 0);
  EXPECT_THAT(CallText(&Stub::ListChanges, name, "bob"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CallText(&Stub::UndeleteFacility, name, "bob"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CallText(&Stub::GetFacility, name, "carol"), IsOk());
  // Nor after it has expired.
  clock_.Advance(kDeletedKept + absl::Seconds(1));
  ASSERT_EQ(*api_->registry->PurgeExpired(), 1);
  EXPECT_THAT(CallText(&Stub::ListChanges, name, "bob"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CallText(&Stub::ListChanges, name, "carol"), IsOk());
}

TEST_P(VisibilityApiTest, WhatWasDeletedShowsTheReadersThatItsSupplierHasNow) {
  ASSERT_THAT(CallText(&Stub::DeleteFacility, "name: 'suppliers/hush/facilities/pit'"), IsOk());
  ASSERT_THAT(Put({Supplier("hush", "visibility {}")}), IsOk());
  const auto got = CallText(&Stub::GetFacility, "name: 'suppliers/hush/facilities/pit'", "bob");
  ASSERT_THAT(got, IsOk());
  EXPECT_FALSE(got->has_visibility());
  const auto together = CallText(&Stub::BatchGet, "names: 'suppliers/hush/facilities/pit'", "bob");
  ASSERT_THAT(together, IsOk());
  EXPECT_FALSE(together->entries(0).facility().has_visibility());
  for (const char* order : {"", " order_by: 'visibility.owner'"}) {
    const auto listed =
        CallText(&Stub::ListFacilities, absl::StrCat("parent: 'suppliers/hush' show_deleted: true", order), "bob");
    ASSERT_EQ(listed->facilities_size(), 1);
    EXPECT_FALSE(listed->facilities(0).has_visibility());
  }
  const auto deleted =
      CallText(&Stub::DeleteFacility, "name: 'suppliers/hush/facilities/pit' allow_missing: true", "bob");
  ASSERT_THAT(deleted, IsOk());
  EXPECT_FALSE(deleted->has_visibility());
}

TEST_P(VisibilityApiTest, APurgeIsSeenByWhoSeesTheSupplierNow) {
  ASSERT_THAT(CallText(&Stub::DeleteFacility, "name: 'suppliers/open/facilities/mine'"), IsOk());
  ASSERT_THAT(Put({Supplier("open", kHidden)}), IsOk());
  const std::string after = absl::StrCat("after { number: ", api_->store->head(), " }");
  clock_.Advance(kDeletedKept + absl::Seconds(1));
  ASSERT_EQ(*api_->registry->PurgeExpired(), 1);
  Watcher carol(*api_->stub, after, "carol");
  EXPECT_EQ(carol.Next().changes(0).operation(), v1::Change::OPERATION_PURGE);
  Watcher bob(*api_->stub, after, "bob");
  const v1::ChangeSet nothing = bob.Next();
  EXPECT_TRUE(nothing.bookmark());
  EXPECT_EQ(nothing.changes_size(), 0);
}

TEST_P(VisibilityApiTest, WhatWasDeletedIsItsSuppliersNewOwners) {
  const char* name = "name: 'suppliers/hush/facilities/pit'";
  ASSERT_THAT(CallText(&Stub::DeleteFacility, name), IsOk());
  ASSERT_THAT(Put({Supplier("hush", "visibility { owner: 'bob' readers: 'alice' }")}), IsOk());
  EXPECT_THAT(CallText(&Stub::UndeleteFacility, name, "alice"),
              HasError(absl::StatusCode::kPermissionDenied, "NOT_OWNER"));
  EXPECT_THAT(CallText(&Stub::GetFacility, name, "carol"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CallText(&Stub::GetFacility, name, "bob"), IsOk());
  EXPECT_THAT(CallText(&Stub::UndeleteFacility, name, "bob"), IsOk());
}

TEST_P(VisibilityApiTest, ATrustedFollowerIsStreamedWhatHasAnOwnerAndNoMore) {
  EXPECT_EQ(Watched(*api_, "trusted"), Watched(*api_, "alice"));
  EXPECT_EQ(Exported(*api_, "trusted"), Exported(*api_, "alice"));
  EXPECT_THAT(CallText(&Stub::GetSupplier, "name: 'suppliers/hush'", "trusted"), HasCode(absl::StatusCode::kNotFound));
  ASSERT_THAT(CallText(&Stub::DeleteFacility, "name: 'suppliers/hush/facilities/pit'"), IsOk());
  Watcher watcher(*api_->stub, absl::StrCat("after { number: ", api_->store->head(), " }"), "trusted");
  clock_.Advance(kDeletedKept + absl::Seconds(1));
  ASSERT_EQ(*api_->registry->PurgeExpired(), 1);
  EXPECT_EQ(watcher.Next().changes(0).operation(), v1::Change::OPERATION_PURGE);
}

TEST_P(VisibilityApiTest, AnImportThatIsOpenDoesNotConfirmGuessesAtWhatHasBeenHandedOver) {
  grpc::ClientContext context;
  context.AddMetadata(rpc::kPrincipalHeader, "alice");
  v1::ImportResponse report;
  const auto writer = api_->stub->Import(&context, &report);
  const auto add = [&](const std::string& entry) {
    v1::ImportRequest request;
    *request.add_rows()->mutable_entry() = ParseProto<v1::Entry>(entry);
    ASSERT_TRUE(writer->Write(request));
  };
  add(Supplier("given", "visibility { owner: 'alice' }"));
  // A whole portion is committed at once.
  for (size_t i = 0; i < Importer::kRowsPerRevision; ++i) {
    add(Mineral(absl::StrCat("m", i)));
  }
  const auto wait = [&] { return CallText(&Stub::GetSupplier, "name: 'suppliers/given'").ok(); };
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  while (!wait() && absl::Now() < give_up) {
  }
  ASSERT_THAT(CallText(&Stub::UpdateSupplier,
                       "supplier { name: 'suppliers/given' provenance { source: 'a test' } "
                       "visibility { owner: 'bob' } } update_mask { paths: 'visibility' }"),
              IsOk());
  ASSERT_THAT(
      CallText(&Stub::UpdateSupplier,
               "supplier { name: 'suppliers/given' display_name: 'Secret' } update_mask { paths: 'display_name' }",
               "bob"),
      IsOk());
  add(Supplier("given", "display_name: 'Guess'"));
  add(Supplier("given", "display_name: 'Secret'"));
  writer->WritesDone();
  EXPECT_TRUE(writer->Finish().ok());
  EXPECT_EQ(report.unchanged(), 0);
  EXPECT_EQ(report.rejected(), 2);
}

TEST_P(VisibilityApiTest, AReaderBringsNothingBack) {
  ASSERT_THAT(CallText(&Stub::DeleteFacility, "name: 'suppliers/open/facilities/mine'"), IsOk());
  ASSERT_THAT(Put({Supplier("open", kHidden)}), IsOk());
  EXPECT_THAT(CallText(&Stub::UndeleteFacility, "name: 'suppliers/open/facilities/mine'", "carol"),
              HasError(absl::StatusCode::kPermissionDenied, "NOT_OWNER"));
}

TEST_P(VisibilityApiTest, NothingNamesWhatItsReadersMayNotRead) {
  const auto link = [](const std::string& id, const std::string& to, const std::string& visibility) {
    return absl::StrCat("link { name: 'links/", id, "' from: 'suppliers/open' to: '", to,
                        "' mineral: 'minerals/tin' provenance { source: 'a test' } ", visibility, " }");
  };
  const auto more_private = HasError(absl::StatusCode::kFailedPrecondition, "REFERENCE_MORE_PRIVATE");
  EXPECT_THAT(Put({link("a", "suppliers/hush", "")}, "carol"), more_private);
  EXPECT_THAT(Put({link("a", "suppliers/hush", "visibility { owner: 'carol' readers: 'bob' }")}, "carol"),
              more_private);
  EXPECT_THAT(Put({link("a", "suppliers/hush", "visibility { owner: 'carol' readers: 'alice' }")}, "carol"), IsOk());
  for (const char* wider : {"", "owner: 'carol' readers: 'bob'", "owner: 'bob'"}) {
    EXPECT_THAT(CallText(&Stub::UpdateLink,
                         absl::StrCat("link { name: 'links/a' visibility { ", wider,
                                      " } } update_mask { paths: 'visibility' }"),
                         "carol"),
                more_private)
        << wider;
  }
  // Also where both come at once, whichever stands first.
  const std::string hidden = Supplier("both", kHidden);
  EXPECT_THAT(Put({hidden, link("b", "suppliers/both", "")}), more_private);
  EXPECT_THAT(Put({link("b", "suppliers/both", ""), hidden}), more_private);
  EXPECT_THAT(Put({link("b", "suppliers/both", kHidden), hidden}), IsOk());
}

TEST_P(VisibilityApiTest, ASetTellsAHiddenContainerAsOneThatWasUsed) {
  // Bob's own, long gone.
  ASSERT_THAT(Put({Supplier("gone")}, "bob"), IsOk());
  ASSERT_THAT(CallText(&Stub::DeleteSupplier, "name: 'suppliers/gone'", "bob"), IsOk());
  clock_.Advance(kDeletedKept + absl::Seconds(1));
  ASSERT_EQ(*api_->registry->PurgeExpired(), 1);
  const auto told = [&](const std::string& id) {
    Importer importer(*api_->registry, {{"bob", ""}, /*atomic=*/true, /*validate_only=*/true});
    for (const std::string& entry : {Supplier(id), Facility(id, "f")}) {
      v1::ImportRequest::Row row;
      *row.mutable_entry() = ParseProto<v1::Entry>(entry);
      EXPECT_THAT(importer.Add(row), IsOk());
    }
    const auto report = importer.Finish();
    EXPECT_EQ(report->rejected(), 2);
    return absl::StrReplaceAll(Blotted(report->DebugString()), {{id, "X"}});
  };
  EXPECT_EQ(told("hush"), told("gone"));
}

TEST_P(VisibilityApiTest, AFacilityThatIsDeletedAsItsSupplierIsHiddenIsHidden) {
  v1::ApplyChangesRequest request;
  request.add_mutations()->set_operation(v1::Mutation::OPERATION_UPDATE);
  *request.mutable_mutations(0)->mutable_entry() = ParseProto<v1::Entry>(Supplier("open", kHidden));
  request.add_mutations()->set_operation(v1::Mutation::OPERATION_DELETE);
  request.mutable_mutations(1)->set_name("suppliers/open/facilities/mine");
  ASSERT_THAT(Call(&Stub::ApplyChanges, request), IsOk());
  EXPECT_THAT(CallText(&Stub::GetFacility, "name: 'suppliers/open/facilities/mine'", "bob"),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CallText(&Stub::GetFacility, "name: 'suppliers/open/facilities/mine'", "carol"), IsOk());
}

TEST_P(VisibilityApiTest, HiddenReferrersKeepNobodyFromHidingASupplier) {
  constexpr int kLinks = 10'001;
  std::vector<std::string> links;
  links.reserve(kLinks);
  for (int i = 0; i < kLinks; ++i) {
    links.push_back(absl::StrCat("link { name: 'links/l", i,
                                 "' from: 'suppliers/open' to: 'suppliers/open' provenance { source: 's' } ", kHidden,
                                 " }"));
  }
  PutOn(*api_, links);
  EXPECT_THAT(Put({Supplier("open", "visibility { owner: 'bob' }")}, "bob"), IsOk());
}

TEST_P(VisibilityApiTest, FacilitiesFollowASupplierThatIsHandedOver) {
  ASSERT_THAT(Put({Supplier("hush", "visibility { owner: 'bob' }")}), IsOk());
  const char* name = "name: 'suppliers/hush/facilities/pit'";
  EXPECT_THAT(CallText(&Stub::GetFacility, name, "bob"), IsOk());
  for (const char* other : {"alice", "carol", "dora"}) {
    EXPECT_THAT(CallText(&Stub::GetFacility, name, other), HasCode(absl::StatusCode::kNotFound)) << other;
  }
}

TEST_P(VisibilityApiTest, OnlyTheOwnerOfASupplierAddsToIt) {
  EXPECT_THAT(CallText(&Stub::CreateFacility,
                       "parent: 'suppliers/hush' facility_id: 'f' facility { provenance { source: 's' } visibility { "
                       "owner: 'carol' } }",
                       "carol"),
              HasError(absl::StatusCode::kPermissionDenied, "NOT_OWNER"));
}

TEST_P(VisibilityApiTest, AMaskSetsNoPartOfAVisibilityThatIsTheSuppliers) {
  const char* update =
      "facility { name: 'suppliers/hush/facilities/pit' visibility { readers: 'bob' } } update_mask { paths: "
      "'visibility.readers' }";
  EXPECT_THAT(CallText(&Stub::UpdateFacility, update), testing::BlamesField("facility.visibility"));
  EXPECT_THAT(CallText(&Stub::UpdateFacility,
                       "facility { name: 'suppliers/hush/facilities/pit' } update_mask { paths: "
                       "'visibility.inherited' }"),
              testing::BlamesField("update_mask"));
}

TEST_P(VisibilityApiTest, ADeletionIsRefusedWithoutNamingWhatIsHidden) {
  const auto refused = CallText(&Stub::DeleteMineral, "name: 'minerals/tin'", "bob");
  EXPECT_THAT(refused, HasError(absl::StatusCode::kFailedPrecondition, "STILL_REFERENCED"));
  EXPECT_EQ(Told(refused.status()).find("hush"), std::string::npos);
  EXPECT_NE(Told(CallText(&Stub::DeleteMineral, "name: 'minerals/tin'", "alice").status()).find("links/hush"),
            std::string::npos);
}

TEST_P(VisibilityApiTest, ANameThatIsTakenOutOfSightIsToldAsOneThatWasUsed) {
  const std::string create = "supplier_id: 'hush' supplier { provenance { source: 's' } }";
  EXPECT_THAT(CallText(&Stub::CreateSupplier, create, "bob"),
              HasError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTED"));
  EXPECT_THAT(CallText(&Stub::CreateSupplier, create, "alice"),
              HasError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS"));
}

TEST_P(VisibilityApiTest, WatchersSeeWhatLeavesTheirSightAsDeletedAndWhatComesAsCreated) {
  const int64_t head = api_->store->head();
  Watcher watcher(*api_->stub, absl::StrCat("after { number: ", head, " }"), "bob");
  ASSERT_THAT(Put({Supplier("open", kHidden)}), IsOk());
  const v1::ChangeSet gone = watcher.Next();
  // The facility goes with its supplier.
  ASSERT_EQ(gone.changes_size(), 2);
  for (const v1::Change& change : gone.changes()) {
    EXPECT_EQ(change.operation(), v1::Change::OPERATION_DELETE);
    EXPECT_FALSE(change.has_after());
  }
  EXPECT_THAT(CallText(&Stub::GetFacility, "name: 'suppliers/open/facilities/mine'", "bob"),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_TRUE(
      CallText(&Stub::GetFacility, "name: 'suppliers/open/facilities/mine'", "carol")->visibility().inherited());
  ASSERT_THAT(Put({Supplier("open", "visibility {}")}), IsOk());
  const v1::ChangeSet back = watcher.Next();
  ASSERT_EQ(back.changes_size(), 2);
  EXPECT_EQ(back.changes(0).operation(), v1::Change::OPERATION_CREATE);
  EXPECT_FALSE(back.changes(0).has_before());
  // His history of it has the gap that he saw.
  const auto history = CallText(&Stub::ListChanges, "name: 'suppliers/open' oldest_first: true", "bob");
  ASSERT_EQ(history->change_sets_size(), 3);
  EXPECT_EQ(history->change_sets(1).changes(0).operation(), v1::Change::OPERATION_DELETE);
}

TEST_P(VisibilityApiTest, OwnersAreSetByThemselvesAndNothingIsPublishedByBeingLeftOut) {
  EXPECT_THAT(CallText(&Stub::CreateSupplier,
                       "supplier_id: 's' supplier { provenance { source: 's' } visibility { owner: 'bob' } }", "alice"),
              testing::BlamesField("supplier.visibility.owner"));
  ASSERT_THAT(Put({Supplier("hush", "display_name: 'Hush 2'")}), IsOk());
  EXPECT_THAT(CallText(&Stub::GetSupplier, "name: 'suppliers/hush'", "bob"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CallText(&Stub::CreateFacility,
                       "parent: 'suppliers/hush' facility_id: 'f' facility { provenance { source: 's' } }", "carol"),
              HasError(absl::StatusCode::kPermissionDenied, "NOT_OWNER"));
  // Its owner hands it over.
  ASSERT_THAT(Put({Supplier("hush", "visibility { owner: 'bob' }")}), IsOk());
  EXPECT_THAT(CallText(&Stub::GetSupplier, "name: 'suppliers/hush'", "bob"), IsOk());
  EXPECT_THAT(CallText(&Stub::GetSupplier, "name: 'suppliers/hush'", "alice"), HasCode(absl::StatusCode::kNotFound));
}

TEST_P(VisibilityApiTest, ACallerWhoseHeaderIsNoNameIsRefused) {
  EXPECT_THAT(CallText(&Stub::GetHead, "", "two words"), HasError(absl::StatusCode::kUnauthenticated, "BAD_PRINCIPAL"));
}

INSTANTIATE_TEST_SUITE_P(Engines, VisibilityApiTest, ::testing::ValuesIn(AllEngines()), EngineOf);

}  // namespace
}  // namespace orewatch::registry
