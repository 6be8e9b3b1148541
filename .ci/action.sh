#!/usr/bin/env bash
# What the GitHub Action runs: `larsen run` with its inputs, then the summary and the outputs of the step. Ends as larsen does.
set -uo pipefail

options=(--out "$OUT" --fail-on "$FAIL_ON" --retry-unknown "$RETRY_UNKNOWN")
read -ra scenarios <<<"$SCENARIOS"
read -ra agents <<<"$AGENTS"
[ "${#agents[@]}" -eq 0 ] || options+=(--agent "${agents[@]}")
[ -z "$PROFILE" ] || options+=(--profile "$PROFILE")
[ -z "$CONFIG" ] || options+=(--config "$CONFIG")
[ -z "$DAEMON_JSON" ] || options+=(--daemon-json "$DAEMON_JSON")
[ -z "$COMPOSE" ] || options+=(--compose "$COMPOSE")
[ -z "$SERVICE" ] || options+=(--service "$SERVICE")

node "$LARSEN" run ${scenarios[@]+"${scenarios[@]}"} "${options[@]}"
status=$?

verdict=unknown
if [ -f "$OUT/result.json" ]; then
  verdict=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).verdict' "$OUT/result.json")
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] || node "$LARSEN" report "$OUT" --print markdown >>"$GITHUB_STEP_SUMMARY"
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  echo "verdict=$verdict" >>"$GITHUB_OUTPUT"
  echo "report=$OUT" >>"$GITHUB_OUTPUT"
fi
exit $status
