#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/teachersim/dialects/dialect.h"

/// The troubles that a teacher can be in with a client, with their messages; each dialect dresses them as its vendor
/// does.
namespace teachersim {

Trouble wrong_key(bool missing);
Trouble cut_off(int status);
Trouble out_of_credit();
Trouble no_such_model(std::string_view model);
Trouble no_such_path(std::string_view method, std::string_view path);
/// `code` is the vendor's own word for it; empty: the usual one.
Trouble trouble_of_status(int status, std::string_view code = {});
/// What ends an answer that had begun.
Trouble broken_off(std::string_view request_id, std::string_view code);
Trouble throttled(std::string_view model, const limits::Ask& ask, const limits::Decision& decision,
                  const limits::Plan& plan);

/// The reason that ledger and stats give.
std::string name_of(const Trouble& trouble);

/// The answer to GET …/models.
Reply model_list(const std::vector<std::string>& models);

}  // namespace teachersim
