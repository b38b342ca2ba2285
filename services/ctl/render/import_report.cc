#include "services/ctl/render/import_report.h"

#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/wrappers.pb.h"
#include "services/ctl/csv/csv_writer.h"
#include "services/ctl/render/import_text.h"

namespace orewatch::ctl {
namespace {

using registry::v1::ImportResponse;

std::string UnnamedText(int64_t rows) {
  return absl::StrCat("and ", rows, " more rejected rows, which the registry has counted and not named");
}

absl::string_view OutcomeText(Outcome outcome) { return outcome == Outcome::kRejected ? "rejected" : "left-out"; }

ImportResponse::Rejection RejectionOf(const Finding& finding) {
  ImportResponse::Rejection rejection;
  rejection.set_file(finding.file);
  rejection.set_line(finding.line);
  rejection.set_field(finding.field);
  rejection.set_reason(finding.reason);
  return rejection;
}

// Counts by outcome, file, field and reason.
class CountingReport : public ImportReport {
 public:
  CountingReport(bool validate_only, std::ostream& out) : validate_only_(validate_only), out_(out) {}

 protected:
  void Tell(const Finding& finding) override {
    const Key key(finding.outcome, finding.file, finding.field, finding.reason);
    const auto known = groups_.find(key);
    if (known != groups_.end()) {
      ++known->second.rows;
    } else if (groups_.size() < kMaxGroups) {
      groups_[key] = {finding.line, 1};
    } else {
      ++uncounted_;
    }
  }

  void Close(const ImportResponse* counts) override {
    if (validate_only_) {
      out_ << (counts != nullptr ? "checked only; nothing was changed. An import would give:\n"
                                 : "checked only, and not to the end; nothing was changed\n");
    }
    // By file and line, rejected rows before those left out.
    std::multimap<std::tuple<Outcome, std::string, int64_t>, std::string> lines;
    for (const auto& [key, group] : groups_) {
      lines.emplace(std::make_tuple(std::get<0>(key), std::get<1>(key), group.first_line), TextOf(key, group));
    }
    for (const auto& [at, text] : lines) {
      out_ << text;
    }
    if (uncounted_ > 0) {
      out_ << "and " << uncounted_ << " more rows for other reasons\n";
    }
    if (unnamed() > 0) {
      out_ << UnnamedText(unnamed()) << "\n";
    }
    if (counts != nullptr) {
      out_ << SummaryText(*counts, left_out());
    }
  }

 private:
  using Key = std::tuple<Outcome, std::string, std::string, std::string>;
  struct Group {
    int64_t first_line = 0;
    int64_t rows = 0;
  };
  static constexpr size_t kMaxGroups = 1000;

  static std::string TextOf(const Key& key, const Group& group) {
    const auto& [outcome, file, field, reason] = key;
    return absl::StrCat(file, group.first_line > 0 ? absl::StrCat(":", group.first_line) : "", ": ",
                        outcome == Outcome::kLeftOut ? "left out: " : "", field, field.empty() ? "" : ": ", reason,
                        group.rows > 1 ? absl::StrCat(" (and ", group.rows - 1, " more rows)") : "", "\n");
  }

  const bool validate_only_;
  std::ostream& out_;
  std::map<Key, Group> groups_;
  int64_t uncounted_ = 0;
};

class CsvReport : public ImportReport {
 public:
  explicit CsvReport(std::ostream& out) : out_(out) {
    out_ << CsvRecord({"file", "line", "field", "reason", "outcome"});
  }

 protected:
  void Tell(const Finding& finding) override {
    out_ << CsvRecord({finding.file, finding.line > 0 ? absl::StrCat(finding.line) : "", finding.field, finding.reason,
                       std::string(OutcomeText(finding.outcome))});
  }
  void Close(const ImportResponse* /*counts*/) override {
    if (unnamed() > 0) {
      out_ << CsvRecord({"", "", "", UnnamedText(unnamed()), std::string(OutcomeText(Outcome::kRejected))});
    }
  }

 private:
  std::ostream& out_;
};

class JsonReport : public ImportReport {
 public:
  explicit JsonReport(std::ostream& out) : out_(out) { out_ << "{\"rejections\":["; }

 protected:
  void Tell(const Finding& finding) override {
    out_ << (first_ ? "\n" : ",\n") << "{\"file\":" << file_.Of(finding.file) << ",\"line\":\"" << finding.line
         << "\",\"field\":" << field_.Of(finding.field) << ",\"reason\":" << reason_.Of(finding.reason)
         << ",\"outcome\":\"" << OutcomeText(finding.outcome) << "\"}";
    first_ = false;
  }

  void Close(const ImportResponse* counts) override {
    out_ << "\n],\n\"rejected\":\"" << rejected() << "\",\"leftOut\":\"" << left_out() << "\",\"rejectedUnnamed\":\""
         << unnamed() << "\"";
    if (counts != nullptr) {
      out_ << ",\"created\":\"" << counts->created() << "\",\"updated\":\"" << counts->updated()
           << "\",\"unchanged\":\"" << counts->unchanged()
           << "\",\"revision\":" << JsonText(counts->revision(), /*pretty=*/false);
    }
    out_ << "}\n";
  }

 private:
  // A text as JSON. Rows in millions say the same, so the last one is kept.
  class QuotedText {
   public:
    const std::string& Of(const std::string& text) {
      if (quoted_.empty() || text != text_) {
        text_ = text;
        google::protobuf::StringValue value;
        value.set_value(text);
        quoted_ = JsonText(value, /*pretty=*/false);
      }
      return quoted_;
    }

   private:
    std::string text_;
    std::string quoted_;
  };

  QuotedText file_;
  QuotedText field_;
  QuotedText reason_;
  std::ostream& out_;
  bool first_ = true;
};

// An ImportResponse, written piece by piece; rows left out have no field there and are comments.
class TextprotoReport : public ImportReport {
 public:
  explicit TextprotoReport(std::ostream& out) : out_(out) {}

 protected:
  void Tell(const Finding& finding) override {
    ImportResponse one;
    *one.add_rejections() = RejectionOf(finding);
    if (finding.outcome == Outcome::kRejected) {
      out_ << TextprotoText(one);
    } else {
      out_ << "# left out: " << one.rejections(0).ShortDebugString() << "\n";
    }
  }

  void Close(const ImportResponse* counts) override {
    if (counts != nullptr) {
      out_ << TextprotoText(*counts);
    }
  }

 private:
  std::ostream& out_;
};

}  // namespace

void ImportReport::Add(const Finding& finding) {
  ++(finding.outcome == Outcome::kRejected ? rejected_ : left_out_);
  Tell(finding);
}

void ImportReport::Finish(const ImportResponse* response) {
  if (response == nullptr) {
    return Close(nullptr);
  }
  for (const auto& rejection : response->rejections()) {
    Add({Outcome::kRejected, rejection.file(), rejection.line(), rejection.field(), rejection.reason()});
  }
  // The registry counts more than it names.
  unnamed_ = response->rejected() - response->rejections_size();
  rejected_ += unnamed_;
  ImportResponse counts = *response;
  counts.clear_rejections();
  counts.set_rejected(rejected_);
  Close(&counts);
}

std::unique_ptr<ImportReport> NewImportReport(Format format, bool validate_only, std::ostream& out) {
  switch (format) {
    case Format::kTable:
      return std::make_unique<CountingReport>(validate_only, out);
    case Format::kCsv:
      return std::make_unique<CsvReport>(out);
    case Format::kJson:
      return std::make_unique<JsonReport>(out);
    case Format::kTextproto:
      return std::make_unique<TextprotoReport>(out);
  }
  return nullptr;
}

}  // namespace orewatch::ctl
