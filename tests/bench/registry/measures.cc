#include "tests/bench/registry/measures.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/testing/temp_dir.h"
#include "tests/bench/registry/raw_postgres.h"
#include "tests/bench/registry/raw_sqlite.h"
#include "tests/bench/registry/samples.h"
#include "tests/bench/registry/subjects.h"
#include "tests/bench/support/die.h"
#include "tests/bench/support/echo_process.h"
#include "tests/bench/support/load.h"
#include "tests/bench/support/rounds.h"

namespace orewatch::bench {
namespace {

using registry::v1::Entry;

constexpr char kMethods[] = "/orewatch.registry.v1.Registry/";
constexpr int kCallers = 64;
constexpr size_t kBatch = 64;
constexpr size_t kRowsPerRevision = 1000;
constexpr size_t kKibibyte = 1024;
constexpr double kMillion = 1e6;

template <typename Request, typename Response>
Response Ask(RegistryProcess& registry,
             grpc::Status (registry::v1::Registry::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
             const Request& request) {
  grpc::ClientContext context;
  Response response;
  if (const grpc::Status status = (registry.stub().*method)(&context, request, &response); !status.ok()) {
    Die(absl::StrCat("a call failed: ", status.error_message()));
  }
  return response;
}

Entry SmallFacility(int64_t number) { return FacilityEntry(number); }

registry::v1::GetFacilityRequest GetOf(int64_t number) {
  registry::v1::GetFacilityRequest request;
  request.set_name(FacilityEntry(number).facility().name());
  return request;
}

registry::v1::CreateFacilityRequest CreateOf(int64_t number) {
  registry::v1::CreateFacilityRequest request;
  request.set_parent(SupplierName(number / kFacilitiesPerSupplier));
  Entry entry = FacilityEntry(number);
  request.set_facility_id(entry.facility().name().substr(entry.facility().name().rfind('/') + 1));
  request.mutable_facility()->Swap(entry.mutable_facility());
  return request;
}

// Creates one new facility after the other. Requests are made beforehand, in numbers that suffice for a while.
class Creations {
 public:
  explicit Creations(RegistryProcess& registry)
      : load_{registry.channel(), absl::StrCat(kMethods, "CreateFacility"), [this] { return Next(); }} {}
  Creations(const Creations&) = delete;
  Creations& operator=(const Creations&) = delete;

  double PerSecond(int callers, absl::Duration span) {
    constexpr double kMostPerSecond = 40'000;
    const double needed = callers == 1 ? kMostPerSecond / kCallers : kMostPerSecond;
    while (static_cast<double>(made_.size()) < needed * absl::ToDoubleSeconds(span)) {
      made_.push_back(BytesOf(CreateOf(number_++)));
    }
    return CallsPerSecond(load_, callers, span);
  }

 private:
  grpc::ByteBuffer Next() {
    if (made_.empty()) {
      return BytesOf(CreateOf(number_++));
    }
    // Shares its bytes.
    grpc::ByteBuffer next = made_.front();
    made_.pop_front();
    return next;
  }

  int64_t number_ = 0;
  std::deque<grpc::ByteBuffer> made_;
  const Load load_;
};

}  // namespace

Scale QuickScale() {
  Scale scale;
  scale.rounds = 1;
  scale.span = absl::Milliseconds(200);
  scale.imported_rows = 2000;
  scale.watchers = 50;
  scale.watched_changes = 10;
  scale.many_facilities = 10'000;
  scale.ordered_facilities = 2000;
  scale.pages = 20;
  return scale;
}

std::vector<Figure> MeasureGet(const std::string& engine, const Scale& scale) {
  constexpr int64_t kResources = 1000;
  RegistryProcess registry(engine);
  const EchoProcess echo;
  registry.Import(ContextFor(kResources));
  registry.Import([](int64_t number) { return FacilityEntry(number, kKibibyte); }, 0, kResources);
  const grpc::ByteBuffer answer = BytesOf(Ask(registry, &registry::v1::Registry::Stub::GetFacility, GetOf(0)));
  std::vector<grpc::ByteBuffer> requests;
  for (int64_t i = 0; i < kResources; ++i) {
    requests.push_back(BytesOf(GetOf(i)));
  }
  size_t next = 0;
  const Load gets = {registry.channel(), absl::StrCat(kMethods, "GetFacility"),
                     [&] { return requests[next++ % requests.size()]; }};
  const Load echoes = {echo.channel(), kEchoCall, [&answer] { return answer; }};
  std::vector<double> costs;
  const Pair rates = MiddleOf(
      scale.rounds,
      [&] {
        const double before = registry.processor_seconds();
        const double rate = CallsPerSecond(gets, kCallers, scale.span);
        costs.push_back((registry.processor_seconds() - before) / rate / absl::ToDoubleSeconds(scale.span));
        return rate;
      },
      [&] { return CallsPerSecond(echoes, kCallers, scale.span); });
  return {{absl::StrCat("Get of 1 KiB, ", kCallers, " in flight"), "calls/s", rates.subject,
           "bare echo of the same bytes", rates.baseline, 0.7},
          {"processor time of a Get in the registry", "us", MedianOf(costs) * 1e6}};
}

namespace {

// The same rows, by hand, into tables of their own.
class RawWrites {
 public:
  explicit RawWrites(MakeEntry make) : make_(std::move(make)), raw_(dir_ / "raw.db") {}

  double PerSecond(int64_t count, size_t batch, size_t rows_per_revision) {
    std::vector<RawRow> rows;
    for (const int64_t end = next_ + count; next_ < end; ++next_) {
      rows.push_back(RawRowOf(make_(next_)));
    }
    const absl::Time start = absl::Now();
    for (size_t i = 0; i < rows.size(); i += batch) {
      raw_.Write(absl::MakeConstSpan(rows).subspan(i, batch), rows_per_revision);
    }
    return static_cast<double>(count) / SecondsSince(start);
  }

 private:
  const MakeEntry make_;
  const testing::TempDir dir_;
  RawSqlite raw_;
  int64_t next_ = 0;
};

}  // namespace

std::vector<Figure> MeasureWrites(const std::string& engine, const Scale& scale) {
  constexpr int64_t kRoom = 1'000'000;
  constexpr int64_t kRawRows = 100 * kBatch;
  RegistryProcess registry(engine);
  const EchoProcess echo;
  registry.Import(ContextFor(kRoom));
  RawWrites raw(SmallFacility);
  Creations creations(registry);
  const grpc::ByteBuffer answer = BytesOf(SmallFacility(0).facility());
  std::vector<double> singles;
  std::vector<double> echoes;
  const Pair rates = MiddleOf(
      scale.rounds,
      [&] {
        singles.push_back(creations.PerSecond(1, scale.span));
        echoes.push_back(CallsPerSecond({echo.channel(), kEchoCall, [&] { return answer; }}, kCallers, scale.span));
        return creations.PerSecond(kCallers, scale.span);
      },
      [&] { return raw.PerSecond(kRawRows, kBatch, 1); });
  const std::string name = absl::StrCat("durable writes, ", kCallers, " callers");
  Figure against_raw = {name,           "writes/s", rates.subject, absl::StrCat("raw SQLite, batches of ", kBatch),
                        rates.baseline, 0.6};
  if (engine != kSqlite) {
    // Another disk format, and a process more: no target.
    against_raw.at_least.reset();
  }
  return {against_raw,
          {name, "writes/s", rates.subject, "one caller", MedianOf(singles)},
          {name, "writes/s", rates.subject, "bare echo", MedianOf(echoes)}};
}

namespace {

Figure ImportIntoSqlite(const std::string& name, const MakeEntry& make, const Scale& scale) {
  RegistryProcess registry(kSqlite);
  registry.Import(ContextFor(scale.imported_rows * scale.rounds));
  RawWrites raw(make);
  int64_t next = 0;
  const Pair rates = MiddleOf(
      scale.rounds,
      [&] { return registry.Import(make, std::exchange(next, next + scale.imported_rows), scale.imported_rows); },
      [&] { return raw.PerSecond(scale.imported_rows, kRowsPerRevision, kRowsPerRevision); });
  const std::string baseline = absl::StrCat("raw SQLite, batches of ", kRowsPerRevision);
  return {name, "rows/s", rates.subject, baseline, rates.baseline, 0.5};
}

Figure ImportIntoPostgres(const std::string& name, const MakeEntry& make, const Scale& scale) {
  // A registry of its own for each round, so that both sides begin with empty tables.
  std::unique_ptr<RegistryProcess> registry;
  double imported = 0;
  const Pair rates = MiddleOf(
      scale.rounds, [&] { return imported; },
      [&] {
        registry = std::make_unique<RegistryProcess>(kPostgres);
        registry->Import(ContextFor(scale.imported_rows));
        imported = registry->Import(make, 0, scale.imported_rows);
        return CopiedPerSecond(registry->database());
      });
  return {name, "rows/s", rates.subject, "COPY of the same rows", rates.baseline, 0.3};
}

Figure MeasureImportOf(const std::string& what, const MakeEntry& make, const std::string& engine, const Scale& scale) {
  const std::string name = absl::StrCat("import of ", what);
  return engine == kPostgres ? ImportIntoPostgres(name, make, scale) : ImportIntoSqlite(name, make, scale);
}

}  // namespace

std::vector<Figure> MeasureImport(const std::string& engine, const Scale& scale) {
  return {MeasureImportOf("facilities", SmallFacility, engine, scale),
          MeasureImportOf("figures", FigureEntry, engine, scale)};
}

namespace {

// How long one change takes to reach all watchers, and how many messages a second many changes make.
struct FanOut {
  double milliseconds = 0;
  double messages_per_second = 0;
};

FanOut MeasureFanOut(Watchers& watchers, const Scale& scale, const std::function<void()>& change) {
  int64_t expected = scale.watchers;
  watchers.AwaitReceived(expected);
  std::vector<double> latencies;
  for (int i = 0; i < scale.watched_changes; ++i) {
    const absl::Time start = absl::Now();
    change();
    watchers.AwaitReceived(expected += scale.watchers);
    latencies.push_back(SecondsSince(start) * 1e3);
  }
  const absl::Time start = absl::Now();
  for (int i = 0; i < scale.watched_changes; ++i) {
    change();
  }
  watchers.AwaitReceived(expected + int64_t{scale.watchers} * scale.watched_changes);
  return {MedianOf(latencies), scale.watchers * scale.watched_changes / SecondsSince(start)};
}

template <typename Process>
std::vector<std::shared_ptr<grpc::Channel>> ChannelsTo(const Process& process) {
  constexpr int kChannels = 4;
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  channels.reserve(kChannels);
  for (int i = 0; i < kChannels; ++i) {
    channels.push_back(process.NewChannel());
  }
  return channels;
}

FanOut RegistryFanOut(const std::string& engine, const Scale& scale) {
  RegistryProcess registry(engine);
  registry.Import(ContextFor(1));
  int64_t next = 0;
  const auto change = [&] { Ask(registry, &registry::v1::Registry::Stub::CreateFacility, CreateOf(next++)); };
  const auto head = Ask(registry, &registry::v1::Registry::Stub::GetHead, {}).revision().number();
  registry::v1::WatchRequest request;
  request.mutable_after()->set_number(head);
  change();
  Watchers watchers(ChannelsTo(registry), absl::StrCat(kMethods, "Watch"), BytesOf(request), scale.watchers);
  return MeasureFanOut(watchers, scale, change);
}

FanOut EchoFanOut(const Scale& scale) {
  const EchoProcess echo;
  // About what a change set with one facility takes.
  registry::v1::ChangeSet set;
  set.set_digest(std::string(32, 'd'));
  *set.add_changes()->mutable_after() = SmallFacility(0);
  const grpc::ByteBuffer message = BytesOf(set);
  Watchers watchers(ChannelsTo(echo), kEchoFollow, message, scale.watchers);
  return MeasureFanOut(watchers, scale, [&] {
    CallsPerSecond({echo.channel(), kEchoPublish, [&] { return message; }}, 1, absl::ZeroDuration());
  });
}

}  // namespace

std::vector<Figure> MeasureWatch(const std::string& engine, const Scale& scale) {
  const FanOut bare = EchoFanOut(scale);
  const FanOut ours = RegistryFanOut(engine, scale);
  return {{absl::StrCat("a change to ", scale.watchers, " watchers, write included"), "ms", ours.milliseconds,
           "bare streams", bare.milliseconds},
          {absl::StrCat("changes to ", scale.watchers, " watchers"), "messages/s", ours.messages_per_second,
           "bare streams", bare.messages_per_second}};
}

namespace {

registry::v1::ListFacilitiesRequest ListOf(const std::string& parent, const std::string& filter) {
  registry::v1::ListFacilitiesRequest request;
  request.set_page_size(100);
  request.set_parent(parent);
  request.set_filter(filter);
  return request;
}

double MillisecondsOf(RegistryProcess& registry, const registry::v1::ListFacilitiesRequest& request,
                      std::string* next_page_token = nullptr) {
  const absl::Time start = absl::Now();
  auto page = Ask(registry, &registry::v1::Registry::Stub::ListFacilities, request);
  const double milliseconds = SecondsSince(start) * 1e3;
  if (page.facilities_size() != request.page_size()) {
    Die("a page is not full");
  }
  if (next_page_token != nullptr) {
    *next_page_token = std::move(*page.mutable_next_page_token());
  }
  return milliseconds;
}

// Milliseconds of a page, at suppliers all over the list.
double MedianPage(RegistryProcess& registry, int64_t facilities, const std::string& filter, const Scale& scale) {
  constexpr int64_t kStride = 617;
  const int64_t suppliers = (facilities + kFacilitiesPerSupplier - 1) / kFacilitiesPerSupplier;
  std::vector<double> times;
  times.reserve(static_cast<size_t>(scale.pages));
  for (int i = 0; i < scale.pages; ++i) {
    times.push_back(MillisecondsOf(registry, ListOf(SupplierName(i * kStride % suppliers), filter)));
  }
  return MedianOf(std::move(times));
}

// Pages of all facilities in an order, one after the other; each looks at all of them.
std::vector<Figure> MeasureOrder(const std::string& engine, const Scale& scale) {
  constexpr int kPages = 5;
  RegistryProcess registry(engine);
  registry.Import(ContextFor(scale.ordered_facilities));
  registry.Import(SmallFacility, 0, scale.ordered_facilities);
  std::vector<double> times;
  auto request = ListOf("suppliers/-", "");
  request.set_order_by("display_name desc");
  for (int i = 0; i < kPages; ++i) {
    std::string next;
    times.push_back(MillisecondsOf(registry, request, &next));
    request.set_page_token(next);
  }
  return {{absl::StrCat("a page of 100 in an order, ", scale.ordered_facilities, " facilities"), "ms",
           MedianOf(std::move(times))}};
}

}  // namespace

std::vector<Figure> MeasureLists(const std::string& engine, const Scale& scale) {
  RegistryProcess few(engine);
  few.Import(ContextFor(scale.few_facilities));
  few.Import(SmallFacility, 0, scale.few_facilities);
  RegistryProcess many(engine);
  const int64_t empty_resident = many.resident_bytes();
  const int64_t empty_disk = many.disk_bytes();
  many.Import(ContextFor(scale.many_facilities));
  const double rows_per_second = many.Import(SmallFacility, 0, scale.many_facilities);
  std::vector<Figure> figures = MeasureOrder(engine, scale);
  figures.push_back(
      {absl::StrCat("import of ", scale.many_facilities, " facilities at once"), "rows/s", rows_per_second});
  const std::vector<std::pair<std::string, std::string>> lists = {
      {"a page of 100", ""}, {"a page of 100 of a fifth of them", "status = STATUS_OPERATING"}};
  for (const auto& [name, filter] : lists) {
    const Pair pages = MiddleOf(
        scale.rounds, [&, &chosen = filter] { return MedianPage(many, scale.many_facilities, chosen, scale); },
        [&, &chosen = filter] { return MedianPage(few, scale.few_facilities, chosen, scale); });
    figures.push_back({absl::StrCat(name, ", ", scale.many_facilities, " facilities"), "ms", pages.subject,
                       absl::StrCat("the same of ", scale.few_facilities), pages.baseline, std::nullopt, 1.5});
  }
  const double millions = static_cast<double>(scale.many_facilities) / kMillion;
  figures.push_back({"memory, per million facilities", "MB",
                     static_cast<double>(many.resident_bytes() - empty_resident) / kMillion / millions});
  figures.push_back({"on disk, per million facilities", "MB",
                     static_cast<double>(many.disk_bytes() - empty_disk) / kMillion / millions});
  return figures;
}

}  // namespace orewatch::bench
