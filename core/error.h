// core/error.h: exceptions for what the user can fix, each with the exit code of the command line.
//
// A message is one line: where, the rule, the value, the way out. Control bytes are escaped when the message is made, so
// a hostile file cannot write to the terminal.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace assay {

/// Where in a file an error was found; line and column count from 1, 0 means unknown.
struct Place {
  std::string file;
  long line = 0;
  long column = 0;
};

/// Base of everything assay throws. `what()` is the whole line, place included; `message()` leaves the place out.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, std::string hint = "", Place place = {});
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }
  const Place& place() const { return place_; }
  virtual int exit_code() const { return 1; }
  virtual const char* kind() const { return "failed"; }

 private:
  std::string message_, hint_;
  Place place_;
};

#define ASSAY_ERROR(Name, Base, code, word)            \
  class Name : public Base {                           \
   public:                                             \
    using Base::Base;                                  \
    int exit_code() const override { return code; }    \
    const char* kind() const override { return word; } \
  }

ASSAY_ERROR(UsageError, Error, 2, "usage");               ///< unknown verb, option, algorithm
ASSAY_ERROR(ParameterError, UsageError, 2, "parameter");  ///< a value outside its rule
ASSAY_ERROR(DataError, Error, 3, "data");                 ///< a table or a picture
ASSAY_ERROR(ModelError, Error, 4, "model");               ///< a model file
ASSAY_ERROR(OutputError, Error, 7, "output");             ///< could not be written
#undef ASSAY_ERROR

/// Thrown by Context::check_cancelled after a signal or at the end of a time budget.
class Cancelled : public Error {
 public:
  explicit Cancelled(int signal = 2) : Error("interrupted"), signal_(signal) {}
  int exit_code() const override { return 128 + signal_; }
  const char* kind() const override { return "cancelled"; }

 private:
  int signal_;
};

}  // namespace assay
