#include "services/registry/store/sqlite/relevance.h"

#include <sqlite3.h>

#include "common/status/status.h"
#include "services/registry/domain/relevance.h"

namespace orewatch::registry {
namespace {

// How often a phrase occurs in the row at hand.
int FrequencyOf(const Fts5ExtensionApi& api, Fts5Context* row, int phrase, double& frequency) {
  Fts5PhraseIter place;
  int column = 0;
  int offset = 0;
  frequency = 0;
  const int code = api.xPhraseFirst(row, phrase, &place, &column, &offset);
  while (code == SQLITE_OK && column >= 0) {
    frequency += column == 0 ? kTitleWeight : 1;
    api.xPhraseNext(row, &place, &column, &offset);
  }
  return code;
}

void Relevance(const Fts5ExtensionApi* api, Fts5Context* row, sqlite3_context* result, int arguments,
               sqlite3_value** values) {
  if (arguments != 1) {
    sqlite3_result_error(result, "relevance takes the index and a length", -1);
    return;
  }
  const double penalty = LengthPenalty(sqlite3_value_int64(values[0]));
  double relevance = 0;
  const int phrases = api->xPhraseCount(row);
  for (int phrase = 0; phrase < phrases; ++phrase) {
    double frequency = 0;
    if (const int code = FrequencyOf(*api, row, phrase, frequency); code != SQLITE_OK) {
      sqlite3_result_error_code(result, code);
      return;
    }
    relevance += TermRelevance(frequency, penalty);
  }
  sqlite3_result_double(result, relevance);
}

fts5_api* FullTextOf(sqlite3* db) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

}  // namespace

absl::Status AddRelevance(sqlite3* db) {
  fts5_api* api = FullTextOf(db);
  if (api == nullptr || api->xCreateFunction(api, "relevance", nullptr, Relevance, nullptr) != SQLITE_OK) {
    return MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE", "this SQLite has no full-text search");
  }
  return absl::OkStatus();
}

}  // namespace orewatch::registry
