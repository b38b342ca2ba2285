// The trade of one importer in a series: which rows count, of which years, and what about them cannot be compared.
#pragma once

#include <set>
#include <string>

#include "services/risk/domain/series_view.h"
#include "services/risk/domain/trade_policy.h"

namespace orewatch::risk {

// What the members of a bloc sell each other.
enum class IntraBloc {
  // Moves nothing: what counts crosses the border of the bloc, in or out.
  kLeftOut,
  // Counts as imports; exports are not read.
  kImported,
};

// Lives for one computation; the view outlives it.
class ImporterTrade {
 public:
  // `hs6`: the codes that count; empty: all.
  ImporterTrade(const SeriesView& view, const std::string& importer, IntraBloc intra,
                const std::set<std::string>& hs6 = {});

  const ImporterView& importer() const { return importer_; }
  // Only rows that count.
  const TradeSeries& series() const { return series_; }
  // The latest that production and trade share; 0 if they share none.
  int common_year() const { return common_year_; }
  int production_year() const { return production_year_; }
  int year() const { return year_; }
  const TradeSeries::Rows& rows() const { return series_.In(year_); }
  // What a score of both is of.
  int reference_year() const { return year_ != 0 ? year_ : production_year_; }

  // Of the importer as it was in the year of trade.
  bool Counts(const TradeKey& key) const { return Counts(key, importer_); }
  bool IsImport(const TradeKey& key) const;
  // Production and trade count the same thing; else the reason says which.
  bool Comparable(Reasons& reasons) const;

  // Flags what the rows of these codes add or lack. True: they are only a part of the imports, of unknown size.
  bool FlagForms(const std::set<std::string>& hs6, Reasons& reasons) const;
  // Whose flows of the year before have no row in the year, if together they were a tenth of the imports or more; ZZ
  // for those too small to be named.
  std::set<std::string> Untold() const;
  void FlagNewer(Reasons& reasons) const;
  // Notes whoever sells although no output of it is known.
  void NoteReexporter(const std::string& exporter, Reasons& notes) const;

 private:
  bool Counts(const TradeKey& key, const ImporterView& importer) const;
  TradeSeries Choose(const std::string& importer) const;
  // A row of the year on another basis than the series that is read.
  bool LeftOut(const TradeKey& key) const;
  // HS codes of the importer's rows of the year in the chosen dataset: those used, and those of the other stages.
  std::set<std::string> CodesAtHand(const std::set<std::string>& used) const;

  const SeriesView& view_;
  const IntraBloc intra_;
  const std::set<std::string> hs6_;
  const TradeSeries series_;
  const int common_year_;
  const int production_year_;
  const int year_;
  const ImporterView importer_;
  std::set<std::string> producers_;
};

}  // namespace orewatch::risk
