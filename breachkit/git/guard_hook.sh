#!/bin/sh
# breachkit-guard: @HOOK@
#
# Refuses what was taken out of this repository's history. `breachkit guard remove` takes it away.
# The list that it compares with lies in the git directory, for its owner alone; it is part of no
# commit. It needs git 2.20 or newer, and what every Unix has.

hook=@HOOK@
kept=${0%/*}/$hook.@KEPT@

say() {
  printf 'breachkit guard: %s\n' "$1" >&2
}

ask() { # whom to ask
  help=
  [ -r "$guard/contact" ] && IFS= read -r help <"$guard/contact"
  say "Ask before you do anything else: ${help:-whoever told you that data were taken back}."
}

refuse() {
  case $hook in
  pre-commit)
    say 'This commit is refused: it holds a file that was taken out of this history.'
    say 'Nothing is lost, and nothing was committed. What to do:'
    say '  1. Take the file out of what you are about to commit (git rm --cached), or put the'
    say '     redacted one in its place, and commit again.'
    say '  2. If you did not put it there, your copy is older than the clean-up: push nothing, make a'
    say '     fresh clone, and carry your own changes over as files.'
    ;;
  pre-push)
    say 'This push is refused: it would bring back what was taken out of this history.'
    say 'Nothing was sent. Your copy is older than the clean-up, or holds a part of it. What to do:'
    say '  1. Do not force it, and send it nowhere else.'
    say '  2. Make a fresh clone, carry your own changes over as files, and push from there. Do not'
    say '     merge, pull or rebase the old branch into it.'
    ;;
  *)
    say 'This push is refused: it would bring back what was taken out of this history.'
    say 'Nothing was taken in. The copy that it came from is older than the clean-up. What to do:'
    say '  1. Do not push it anywhere else; forcing it changes nothing.'
    say '  2. Make a fresh clone, carry your own changes over as files, and push from there. Do not'
    say '     merge, pull or rebase the old branch into it.'
    ;;
  esac
  ask
  exit 1
}

stop() { # could not look: what was not looked at is not let through
  say "Refused, because it could not be looked at: $1."
  ask
  exit 1
}

run_git() {
  GIT_NO_REPLACE_OBJECTS=1 GIT_GRAFT_FILE=$guard/none GIT_NO_LAZY_FETCH=1 GIT_OPTIONAL_LOCKS=0 \
    LC_ALL=C git --no-pager -c core.commitGraph=false -c core.fsmonitor=false -c core.quotePath=true "$@"
}

# Ids come in one a line, `end` and the exit status of what gave them last. Exit status: 0 none of
# them is listed, 1 one is, 2 not all came, 3 the list is not whole; 4 some are in no store here.
compare() {
  BREACHKIT_LIST=$guard/ids LC_ALL=C awk '
    BEGIN {
      list = ENVIRON["BREACHKIT_LIST"]
      while ((getline line < list) > 0) {
        if (line ~ /^# end /) { whole = (substr(line, 7) == count "") ; continue }
        if (line ~ /^[0-9a-f]+$/ && (length(line) == 40 || length(line) == 64)) {
          bad[line] = 1
          count++
        }
      }
      code = 9
    }
    $1 == "end" { code = $2; next }
    {
      one = $1
      if (substr(one, 1, 1) == "?") { one = substr(one, 2); absent = 1 }
      if (one in bad) found = 1
    }
    END {
      if (!whole || !count) exit 3
      if (found) exit 1
      if (code != 0) exit 2
      exit absent ? 4 : 0
    }'
}

judge() {
  case $1 in
  0) ;;
  1) refuse ;;
  3) stop 'the list of the guard is missing or not whole; `breachkit guard install` writes it anew' ;;
  4) say 'Some objects are not in this copy, and were compared by their names alone.' ;;
  *) stop 'git could not list what is in it; `git fsck` says what is damaged' ;;
  esac
}

# Everything that can be reached, whatever other refs are said to hold it already: what a server was
# once given need not be there any more, and that is the point.
reached() {
  printf '%s\n' "$tips" | run_git rev-list --objects --missing=print --stdin
  echo "end $?"
}

run_index() { # all of it: what was committed before is committed again
  listed=$(run_git ls-files --stage; echo "x x end $?")
  printf '%s\n' "$listed" | awk '{ if ($3 == "end") print "end", $4; else print $2 }' | compare
  judge $?
}

near_copies() { # what no id tells: other line ends, other columns, exported once more
  command -v breachkit >/dev/null 2>&1 || return 0
  said=$(breachkit guard check --quiet "$@" 2>&1)
  code=$?
  [ "$code" = 0 ] || printf '%s\n' "$said" >&2
  case $code in
  0) ;;
  7 | 11 | 12 | 13 | 14)
    say "This $what is refused: it holds a copy of what was taken out, or figures that disclose."
    ask
    exit 1
    ;;
  130) exit 130 ;;
  *) say "The scanner could not look at everything (exit code $code): ids were compared, no more." ;;
  esac
}

call_kept() { # what was here before, unless another hook of ours was called by it
  depth=${BREACHKIT_GUARD_DEPTH:-0}
  [ -x "$kept" ] && [ "$depth" -lt 5 ] || return 1
  BREACHKIT_GUARD_DEPTH=$((depth + 1))
  export BREACHKIT_GUARD_DEPTH
}

what=${hook#pre-}
guard=
common=$(git rev-parse --git-common-dir) || stop 'git does not say where its directory is'
guard=$common/breachkit-guard
[ -d "$guard" ] || say 'This guard was removed, and only this hook is left of it: nothing is compared.'

case $hook in
pre-commit)
  if [ -d "$guard" ]; then
    run_index
    near_copies --staged
  fi
  call_kept || exit 0
  exec "$kept" "$@"
  ;;
pre-push) new=2 old=4 ;;
*) new=2 old=1 ;;
esac

lines=$(cat)
tips=$(printf '%s\n' "$lines" | awk -v "new=$new" '$new ~ /[^0]/ { print $new }')
if [ -n "$tips" ] && [ -d "$guard" ]; then
  reached | compare
  judge $?
  if [ "$hook" = pre-push ]; then
    ranges=$(printf '%s\n' "$lines" |
      awk -v "new=$new" -v "old=$old" '$new ~ /[^0]/ { print "--range", $old ".." $new }')
    # shellcheck disable=SC2086 # ids, dots and --range
    near_copies $ranges
  fi
fi
call_kept || exit 0
if [ -n "$lines" ]; then
  printf '%s\n' "$lines" | "$kept" "$@"
else
  "$kept" "$@" </dev/null
fi
