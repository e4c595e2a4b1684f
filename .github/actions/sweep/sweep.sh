#!/usr/bin/env bash
# Sweeps, writes the reports, and says in the log and in the summary how much is new: numbers alone.
# Values come in the environment and never become part of a command: whoever names a branch or a topic
# cannot make one run.
set -euo pipefail
umask 077
case "$SWEEP_FAIL_ON" in
never) least=99 ;;
low) least=11 ;;
medium) least=12 ;;
high) least=13 ;;
critical) least=14 ;;
*)
  echo "::error::fail-on: write low, medium, high, critical or never"
  exit 2
  ;;
esac

mkdir -p "$SWEEP_STORE" "$SWEEP_REPORTS/sarif"

arguments=(--counts --store "$SWEEP_STORE" --policy "$SWEEP_POLICY" --budget "$SWEEP_BUDGET"
  --longest "$SWEEP_LONGEST" --disk "$SWEEP_DISK"
  --report "html=$SWEEP_REPORTS/sweep.html" --report "jsonl=$SWEEP_REPORTS/sweep.jsonl"
  --report "metrics=$SWEEP_REPORTS/breachkit.prom" --report "sarif=$SWEEP_REPORTS/sarif/")
if [ -n "$SWEEP_SKIP_TOPIC" ]; then
  arguments+=(--skip-topic "$SWEEP_SKIP_TOPIC")
fi
if [ -n "$SWEEP_NOTIFY_FROM" ]; then
  arguments+=(--notify --notify-from "$SWEEP_NOTIFY_FROM")
fi
# What the workflow has in its own environment stays where an input is empty.
for name in CONTACTS SMTP SMTP_FROM SMTP_USER SMTP_PASSWORD; do
  given="SWEEP_$name"
  if [ -n "${!given}" ]; then
    export "BREACHKIT_$name=${!given}"
  fi
done
if [ -n "$SWEEP_CASES" ]; then
  export BREACHKIT_HOME="$SWEEP_CASES"
  arguments+=(--open-cases)
fi

code=0
breachkit sweep "${arguments[@]}" -- "$SWEEP_TARGET" >"$RUNNER_TEMP/sweep.txt" || code=$?
cat "$RUNNER_TEMP/sweep.txt"
echo "exit-code=$code" >>"$GITHUB_OUTPUT"
{
  echo '### Sweep of study repositories'
  echo
  sed 's/^/    /' "$RUNNER_TEMP/sweep.txt"
} >>"$GITHUB_STEP_SUMMARY"

if [ "$code" -ge 11 ] && [ "$code" -le 14 ] && [ "$code" -lt "$least" ]; then
  exit 0
fi
exit "$code"
