// What readers of the registry ask for and get, page by page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "orewatch/registry/v1/registry.pb.h"
#include "services/registry/domain/kinds.h"

namespace orewatch::registry {

inline constexpr int kDefaultPageSize = 100;
inline constexpr int kMaxPageSize = 1000;
inline constexpr size_t kMaxPageBytes = 3'000'000;
// A page looks at no more of what its caller may see, however little of it the filter takes.
inline constexpr size_t kMaxScanned = 10'000;
// What the caller may not see is passed over untold, which ends only where it takes too long.
inline constexpr size_t kMaxPassedOver = 1'000'000;
// Nothing with more entries that may be seen is put in another order than that of its keys, which takes a look at all
// for each page.
inline constexpr size_t kMaxOrdered = 100'000;

// Who asks for which page of what. Reads show a principal what it may see, as if there were nothing else.
struct PageRequest {
  std::string principal;
  int page_size = 0;
  std::string page_token;
  int64_t min_revision = 0;
};

struct ListRequest {
  PageRequest page;
  Kind kind = Kind::kMineral;
  // Names begin with it: the container of a facility.
  std::string prefix;
  bool show_deleted = false;
  // As docs/api/filter.md says; empty: everything, by name.
  std::string filter = "";
  std::string order_by = "";
};

struct Page {
  // With metadata.
  std::vector<v1::Entry> entries;
  std::string next_page_token;
  int64_t revision = 0;
};

struct HistoryPage {
  std::vector<v1::ChangeSet> change_sets;
  std::string next_page_token;
  int64_t revision = 0;
};

struct SearchPage {
  struct Match {
    // With metadata.
    v1::Entry entry;
    double score = 0;
  };
  std::vector<Match> matches;
  std::string next_page_token;
  int64_t revision = 0;
};

// How many entries a page takes.
size_t SizeOf(const PageRequest& request);

}  // namespace orewatch::registry
