#include "tests/testing/clients.h"

#include "absl/strings/str_cat.h"

namespace orewatch::testing {

absl::StatusOr<registry::v1::ImportResponse> Import(RegistryStub& registry,
                                                    const std::vector<registry::v1::Entry>& entries) {
  constexpr size_t kRowsPerMessage = 500;
  grpc::ClientContext context;
  LimitCall(context);
  registry::v1::ImportResponse report;
  const auto writer = registry.Import(&context, &report);
  registry::v1::ImportRequest request;
  for (size_t i = 0; i < entries.size(); ++i) {
    auto& row = *request.add_rows();
    row.set_file("test");
    row.set_line(static_cast<int64_t>(i) + 1);
    *row.mutable_entry() = entries[i];
    if (request.rows_size() == kRowsPerMessage || i + 1 == entries.size()) {
      writer->Write(request);
      request.clear_rows();
    }
  }
  writer->WritesDone();
  const absl::Status status = rpc::FromGrpc(writer->Finish());
  return status.ok() ? absl::StatusOr<registry::v1::ImportResponse>(std::move(report)) : status;
}

absl::StatusOr<registry::v1::ImportResponse> Import(RegistryStub& registry, const std::vector<std::string>& entries) {
  std::vector<registry::v1::Entry> parsed(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(entries[i], &parsed[i])) << entries[i];
  }
  return Import(registry, parsed);
}

int64_t ImportAll(RegistryStub& registry, const std::vector<std::string>& entries) {
  const auto report = Import(registry, entries);
  EXPECT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->rejected(), 0) << report->DebugString();
  return report->revision().number();
}

std::string CountryEntry(const std::string& alpha2) {
  return absl::StrCat("country { name: 'countries/", alpha2, "' provenance { source: 'a test' } }");
}

std::string MineralEntry(const std::string& id) {
  return absl::StrCat("mineral { name: 'minerals/", id, "' provenance { source: 'a test' } }");
}

std::string ProductionEntry(const std::string& mineral, const std::string& alpha2, double tonnes) {
  return absl::StrCat("statistic { dataset: 'test' year: 2024 production { mineral: 'minerals/", mineral,
                      "' stage: STAGE_MINE country: '", alpha2, "' } quantity { tonnes: ", tonnes,
                      " basis: BASIS_CONTAINED } provenance { source: 'a test' } }");
}

risk::v1::ScoreKey MineHhi(const std::string& mineral) {
  risk::v1::ScoreKey key;
  key.set_subject(absl::StrCat("minerals/", mineral));
  key.set_stage(type::v1::STAGE_MINE);
  key.set_method(risk::v1::METHOD_HHI);
  return key;
}

}  // namespace orewatch::testing
