"""Lints the Grafana board, and lets promtool parse every expression of it and run the alerts' rule tests.

usage: board_test.py PROMTOOL DEPLOY_FOLDER       exit code 77: no promtool, nothing was tested
"""

import json
import os
import subprocess
import sys
import tempfile


def lint(board):
    """What is wrong with the board, as lines."""
    wrong = []
    if not board.get("uid"):
        wrong.append("the board has no uid")
    if "DS_PROMETHEUS" not in [entry["name"] for entry in board["__inputs"]]:
        wrong.append("__inputs does not ask for DS_PROMETHEUS")
    variables = {entry["name"] for entry in board["templating"]["list"]}
    if not {"teacher", "model"} <= variables:
        wrong.append(f"variables are {sorted(variables)}")
    panels = board["panels"]
    if len(panels) > 15:
        wrong.append(f"{len(panels)} panels are more than one screen")
    if len({panel["id"] for panel in panels}) != len(panels):
        wrong.append("two panels share an id")
    for panel in panels:
        if not panel["fieldConfig"]["defaults"].get("unit"):
            wrong.append(f"{panel['title']}: no unit")
        for target in panel["targets"]:
            if target["datasource"]["uid"] != "${DS_PROMETHEUS}":
                wrong.append(f"{panel['title']}: a data source of its own")
            if "rate(" in target["expr"] and "[$__rate_interval]" not in target["expr"]:
                wrong.append(f"{panel['title']}: a rate over a fixed time")
    return wrong


def expressions(board):
    for panel in board["panels"]:
        for target in panel["targets"]:
            expr = target["expr"].replace("$__rate_interval", "5m")
            yield expr.replace("$teacher", ".*").replace("$model", ".*")


def main(promtool, deploy):
    with open(os.path.join(deploy, "grafana", "harvest.json"), encoding="utf-8") as file:
        board = json.load(file)
    wrong = lint(board)
    for line in wrong:
        print(line)
    if not os.access(promtool, os.X_OK):
        print("promtool is missing (Debian package prometheus): expressions and alerts were not tested")
        return 1 if wrong else 77
    rules = [{"record": f"panel:{i}", "expr": expr} for i, expr in enumerate(expressions(board))]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "board", "rules": rules}]}, file)  # JSON is YAML
        file.flush()
        parsed = subprocess.run([promtool, "check", "rules", file.name], check=False)
    alerts = subprocess.run([promtool, "test", "rules", "alerts_test.yml"], cwd=os.path.join(deploy, "prometheus"), check=False)
    scrape = subprocess.run([promtool, "check", "config", "prometheus.yml"], cwd=os.path.join(deploy, "prometheus"), check=False)
    failed = wrong or parsed.returncode or alerts.returncode or scrape.returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
