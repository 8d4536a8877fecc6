#include "cli/answer.h"

#include "assay/core/text.h"

namespace assay::cli {
namespace {

// Where the answer goes, piece by piece.
class Sink {
 public:
  explicit Sink(Invocation& call) : out_(call.out) {
    if (call.options.given("out")) file_.emplace(call.options.text("out"));
  }
  void write(const std::string& text) {
    if (file_)
      file_->write(text);
    else
      out_ << text;
  }
  void commit() {
    if (file_) file_->commit();
  }

 private:
  std::ostream& out_;
  std::optional<Output> file_;
};

void write_rows(const std::vector<OutColumn>& columns, Index n, const Context& ctx, Sink& sink) {
  constexpr size_t kPiece = 1 << 16;
  std::string text;
  const auto line = [&](const auto& cell) {
    for (size_t c = 0; c < columns.size(); ++c) {
      if (c) text += ',';
      text += cell(columns[c]);
    }
    text += '\n';
    if (text.size() < kPiece) return;
    ctx.check_cancelled();
    sink.write(text);
    text.clear();
  };
  line([](const OutColumn& column) { return csv_cell(column.name); });
  for (Index i = 0; i < n; ++i) line([i](const OutColumn& column) { return column.cell(i); });
  sink.write(text);
}

}  // namespace

std::vector<OutColumn> kept_columns(const Table& table) {
  std::vector<OutColumn> columns;
  for (size_t c = 0; c < table.columns.size(); ++c)
    columns.push_back(
        {table.columns[c].name, [&table, c](Index i) { return csv_cell(cell_text(table, i, static_cast<Index>(c))); }});
  return columns;
}

OutColumn number_column(const std::string& name, const Matrix& values, Index column) {
  return {name, [&values, column](Index i) { return shortest(values(i, column)); }};
}

OutColumn label_column(const std::string& name, const std::vector<int>& labels) {
  return {name, [&labels](Index i) { return std::to_string(labels[static_cast<size_t>(i)]); }};
}

void write_answer(Invocation& call, const std::vector<OutColumn>& columns, Index n) {
  if (call.json() && !call.options.given("out")) return;
  const Stopwatch watch;
  Sink sink(call);
  write_rows(columns, n, call.ctx, sink);
  sink.commit();
  call.time("save", watch);
}

bool writes_to_stdout(const Options& options, std::string_view option) {
  return options.text(option) == "-" || options.text(option) == "/dev/stdout";
}

}  // namespace assay::cli
