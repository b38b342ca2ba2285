// A registry that answers from memory.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"

namespace orewatch::ctl {

// Keeps minerals by name and remembers what it was asked.
class FakeRegistry : public registry::v1::Registry::Service {
 public:
  grpc::Status GetMineral(grpc::ServerContext* /*context*/, const registry::v1::GetMineralRequest* request,
                          registry::v1::Mineral* response) override {
    const auto found = minerals.find(request->name());
    if (found == minerals.end()) {
      return {grpc::StatusCode::NOT_FOUND, "no such mineral"};
    }
    *response = found->second;
    return grpc::Status::OK;
  }

  // Pages of one.
  grpc::Status ListMinerals(grpc::ServerContext* /*context*/, const registry::v1::ListMineralsRequest* request,
                            registry::v1::ListMineralsResponse* response) override {
    last_list = *request;
    auto next = minerals.upper_bound(request->page_token());
    if (next != minerals.end()) {
      *response->add_minerals() = next->second;
      const std::string token = next->first;
      response->set_next_page_token(++next == minerals.end() ? "" : token);
    }
    return grpc::Status::OK;
  }

  grpc::Status UpdateMineral(grpc::ServerContext* /*context*/, const registry::v1::UpdateMineralRequest* request,
                             registry::v1::Mineral* response) override {
    last_update = *request;
    minerals[request->mineral().name()] = request->mineral();
    *response = request->mineral();
    return grpc::Status::OK;
  }

  grpc::Status DeleteMineral(grpc::ServerContext* /*context*/, const registry::v1::DeleteMineralRequest* request,
                             registry::v1::Mineral* /*response*/) override {
    deleted.insert(minerals.extract(request->name()));
    return grpc::Status::OK;
  }

  grpc::Status UndeleteMineral(grpc::ServerContext* /*context*/, const registry::v1::UndeleteMineralRequest* request,
                               registry::v1::Mineral* /*response*/) override {
    minerals.insert(deleted.extract(request->name()));
    return grpc::Status::OK;
  }

  // Two changes, a page each.
  grpc::Status ListChanges(grpc::ServerContext* context, const registry::v1::ListChangesRequest* request,
                           registry::v1::ListChangesResponse* response) override {
    const auto header = context->client_metadata().find("x-orewatch-principal");
    const auto proof = context->client_metadata().find("authorization");
    last_authorization =
        proof == context->client_metadata().end() ? "" : std::string(proof->second.data(), proof->second.size());
    auto& set = *response->add_change_sets();
    set.mutable_revision()->set_number(request->page_token().empty() ? 2 : 1);
    set.mutable_principal()->set_subject(
        header == context->client_metadata().end() ? "" : std::string(header->second.data(), header->second.size()));
    set.add_changes()->set_operation(registry::v1::Change::OPERATION_UPDATE);
    response->set_next_page_token(request->page_token().empty() ? "more" : "");
    return grpc::Status::OK;
  }

  grpc::Status ListCountries(grpc::ServerContext* /*context*/, const registry::v1::ListCountriesRequest* /*request*/,
                             registry::v1::ListCountriesResponse* response) override {
    for (const char* name : {"countries/JP", "countries/US", "countries/CL"}) {
      response->add_countries()->set_name(name);
    }
    return grpc::Status::OK;
  }

  grpc::Status ListStatistics(grpc::ServerContext* /*context*/, const registry::v1::ListStatisticsRequest* request,
                              registry::v1::ListStatisticsResponse* response) override {
    last_statistics = *request;
    *response->add_statistics() = orewatch::testing::ParseProto<registry::v1::Statistic>(
        R"(dataset: "d" year: 2024 production { mineral: "minerals/zinc" stage: STAGE_MINE country: "CN" }
           quantity { tonnes: 4000000 basis: BASIS_CONTAINED } provenance { source: "s" })");
    return grpc::Status::OK;
  }

  // Takes everything but countries.
  grpc::Status Import(grpc::ServerContext* /*context*/, grpc::ServerReader<registry::v1::ImportRequest>* reader,
                      registry::v1::ImportResponse* response) override {
    registry::v1::ImportRequest request;
    ++import_calls;
    while (reader->Read(&request)) {
      import_messages.push_back(request);
      if (!import_refusal.ok()) {
        return import_refusal;
      }
      for (const auto& row : request.rows()) {
        if (!row.entry().has_country()) {
          response->set_created(response->created() + 1);
          continue;
        }
        response->set_rejected(response->rejected() + 1);
        auto* rejection = response->add_rejections();
        rejection->set_file(row.file());
        rejection->set_line(row.line());
        rejection->set_field("country");
        rejection->set_reason("not wanted");
      }
    }
    return grpc::Status::OK;
  }

  grpc::Status Export(grpc::ServerContext* /*context*/, const registry::v1::ExportRequest* /*request*/,
                      grpc::ServerWriter<registry::v1::ExportResponse>* writer) override {
    registry::v1::ExportResponse response;
    response.mutable_revision()->set_number(5);
    for (const auto& [name, mineral] : minerals) {
      *response.add_entries()->mutable_mineral() = mineral;
    }
    response.set_done(export_is_whole);
    writer->Write(response);
    return grpc::Status::OK;
  }

  grpc::Status Watch(grpc::ServerContext* /*context*/, const registry::v1::WatchRequest* request,
                     grpc::ServerWriter<registry::v1::ChangeSet>* writer) override {
    writer->Write(orewatch::testing::ParseProto<registry::v1::ChangeSet>(absl::StrCat(
        "revision { number: ", request->after().number() + 1,
        R"( } principal { subject: "ann" } changes { operation: OPERATION_UPDATE name: "minerals/zinc" } last_chunk: true)")));
    return {grpc::StatusCode::OUT_OF_RANGE, "compacted"};
  }

  std::map<std::string, registry::v1::Mineral> minerals;
  std::vector<registry::v1::ImportRequest> import_messages;
  // Answers the first message of an import.
  grpc::Status import_refusal;
  std::map<std::string, registry::v1::Mineral> deleted;
  registry::v1::ListMineralsRequest last_list;
  std::string last_authorization;
  int import_calls = 0;
  registry::v1::UpdateMineralRequest last_update;
  registry::v1::ListStatisticsRequest last_statistics;
  bool export_is_whole = true;
};

}  // namespace orewatch::ctl
