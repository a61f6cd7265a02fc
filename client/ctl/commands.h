#pragma once

namespace CLI {
class App;
}

namespace harvest::ctl {

class Session;

/// Each adds one command of harvestctl, from the file of its name. `app` and `session` outlive the parsing. Below
/// `teachers`: probe, prices, alerts with decide; below `datasets`: receipts,
/// card, push; below `pairs`: import; below `audit`: proof, verify, log (audit_log.cc).
void add_submit(CLI::App& app, Session& session);
void add_plan(CLI::App& app, Session& session);
void add_jobs(CLI::App& app, Session& session);
void add_why(CLI::App& app, Session& session);
void add_halt(CLI::App& app, Session& session);
void add_status(CLI::App& app, Session& session);
void add_teachers(CLI::App& app, Session& session);
void add_probe(CLI::App& teachers, Session& session);
void add_prices(CLI::App& teachers, Session& session);
void add_alerts(CLI::App& teachers, Session& session);
void add_datasets(CLI::App& app, Session& session);
void add_receipts(CLI::App& datasets, Session& session);
void add_card(CLI::App& datasets, Session& session);
void add_push(CLI::App& datasets, Session& session);
void add_pairs(CLI::App& app, Session& session);
void add_pairs_import(CLI::App& pairs, Session& session);
void add_labels(CLI::App& app, Session& session);
void add_audit(CLI::App& app, Session& session);
void add_audit_log(CLI::App& audit, Session& session);
void add_sql(CLI::App& app, Session& session);
void add_tokens(CLI::App& app, Session& session);

}  // namespace harvest::ctl
