// What goes to PostgreSQL and what comes back, in its binary formats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

struct pg_result;

namespace orewatch::storage {

// True if the server can hold it as text: UTF-8 without a zero byte.
bool IsPostgresText(absl::string_view text);

// The parameters $1, $2, ... of a statement, in this order. An array takes the place of a column of values, for
// `unnest`. Value type; holds copies.
class PostgresParameters {
 public:
  PostgresParameters& Int(int64_t value);
  PostgresParameters& Double(double value);
  PostgresParameters& Text(absl::string_view value);
  PostgresParameters& Bytes(absl::string_view value);
  PostgresParameters& Ints(absl::Span<const int64_t> values);
  // Elements must live until the call returns.
  PostgresParameters& Texts(absl::Span<const absl::string_view> values);
  PostgresParameters& BytesArray(absl::Span<const absl::string_view> values);

  int size() const { return static_cast<int>(values_.size()); }
  // As libpq takes them.
  const std::vector<unsigned>& types() const { return types_; }
  const std::vector<std::string>& values() const { return values_; }

 private:
  PostgresParameters& Add(unsigned type, std::string value);
  PostgresParameters& AddArray(unsigned type, unsigned element, absl::Span<const absl::string_view> values);

  std::vector<unsigned> types_;
  std::vector<std::string> values_;
};

// The rows that a statement returned. Columns are numbered from 0; a column is read as the type that the statement
// gives it. Thread-compatible.
class PostgresRows {
 public:
  // Takes the result over.
  explicit PostgresRows(pg_result* result);

  int size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Rows that an INSERT, UPDATE or DELETE touched.
  int64_t affected() const;

  bool IsNull(int row, int column) const;
  // smallint, integer, bigint or boolean.
  int64_t Int(int row, int column) const;
  // double precision.
  double Double(int row, int column) const;
  // Valid as long as this object.
  absl::string_view Text(int row, int column) const;
  absl::string_view Bytes(int row, int column) const { return Text(row, column); }

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
  int size_;
};

}  // namespace orewatch::storage
