#!/bin/sh
# breachkit-guard: @HOOK@
#
# Refuses what was taken out of this repository's history, and outputs that nobody has checked.
# `breachkit guard remove` takes it away. The lists that it compares with lie in the git directory, for
# its owner alone; they are part of no commit. It needs git 2.20 or newer, and what every Unix has.

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

# What comes in, as `git diff --raw` says it, and what is known as checked: `= mode type id<tab>path`
# of a tree that is there already, or `known id`. Each that gives lines ends with `end` and its exit
# status; `ends` says how many do. Prints the first outputs that are not known. Exit status: 0 there
# are none, 1 there are, 2 not all came, 3 the list is not whole.
unchecked() { # ends
  BREACHKIT_LIST=$guard/outputs LC_ALL=C awk -v "ends=$1" -v "folders=$folders" '
    BEGIN {
      list = ENVIRON["BREACHKIT_LIST"]
      count = 0
      while ((getline line < list) > 0) {
        if (line ~ /^# end /) whole = (substr(line, 7) == count "")
        else if (line ~ /^[0-9a-f]+$/) { known[line] = 1; count++ }
      }
      known["e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"] = 1 # a file with nothing in it
      known["473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"] = 1
    }
    function is_output(path) {
      sub(/^"/, "", path)
      path = tolower(path)
      return path ~ folders && path !~ /(^|\/)\.git(ignore|keep|attributes)$/
    }
    $1 == "end" { seen++; if ($2 != 0) failed = 1; next }
    $1 == "known" { known[$2] = 1; next }
    /^[:=]/ {
      tab = index($0, "\t")
      path = substr($0, tab + 1)
      split(substr($0, 1, tab - 1), word, " ")
      if (!is_output(path)) next
      if (word[1] == "=") { known[word[4]] = 1; next }
      parents = 0
      while (substr($0, parents + 1, 1) == ":") parents++
      if (word[parents + 1] == "000000" || word[parents + 1] == "160000") next
      brought++
      ids[brought] = word[2 * (parents + 1)]
      paths[brought] = path
    }
    END {
      if (!whole) exit 3
      if (failed || seen != ends) exit 2
      for (one = 1; one <= brought; one++) {
        if (ids[one] in known || paths[one] in told) continue
        told[paths[one]] = 1
        if (++shown <= 5) print paths[one]
      }
      if (shown > 5) print "and " (shown - 5) " more"
      exit shown ? 1 : 0
    }'
}

brought_by_commit() {
  base=$(run_git rev-parse -q --verify HEAD) || base=$(run_git hash-object -t tree /dev/null)
  run_git diff-index --cached --raw --no-renames --no-abbrev "$base"
  echo "end $?"
}

brought_by_push() { # remote: by each commit that it is not known to have, and by tags of trees and files
  peeled=$(printf '%s\n' "$tips" | sed 's/$/^{}/' | run_git cat-file --batch-check; echo "end $?")
  printf '%s\n' "$peeled" | awk '
    $1 == "end" { print; next }
    $2 == "blob" { print ":000000 100644 0 " $1 " A\toutput/" }
    $2 == "missing" { print "end 1" }'
  for tree in $(printf '%s\n' "$peeled" | awk '$2 == "tree" { print $1 }'); do
    run_git ls-tree -r "$tree" | awk '{ sub(/^[0-9]+ [a-z]+ /, ":000000 100644 0 "); sub(/\t/, " A\t"); print }'
  done
  {
    {
      printf '%s\n' "$peeled" | awk '$2 == "commit" { print $1 }'
      for one in $(printf '%s\n' "$lines" | awk '$4 ~ /[^0]/ { print $4 }'); do
        run_git cat-file -e "$one" 2>/dev/null && echo "^$one"
      done
    } | run_git rev-list --stdin --not "--remotes=$1"
    echo "end $?"
  } | run_git diff-tree --stdin -r -c --root --raw --no-renames --no-abbrev
  echo "end $?"
}

in_trees() { # commits: the files that are there already
  for one in "$@"; do
    run_git ls-tree -r "$one" | sed 's/^/= /'
  done
}

merged() { # the commits that a commit will stand on
  run_git rev-parse -q --verify HEAD
  cat "$(run_git rev-parse --git-path MERGE_HEAD)" 2>/dev/null
}

released() { # what was released, as it was fetched from a server
  run_git rev-list --remotes -i -E --grep '^Released-with: breachkit ' --grep '^Opensafely-released-from:' |
    run_git diff-tree --stdin -r --root --raw --no-renames --no-abbrev |
    awk '/^:/ { print "known", $4 }'
}

run_outputs() { # remote, where it is a push
  if [ "$what" = commit ]; then
    ends=1
    brought=$(brought_by_commit)
  else
    ends=3
    brought=$(brought_by_push "$1")
  fi
  printf '%s\n' "$brought" | unchecked "$ends" >/dev/null
  code=$?
  if [ "$code" = 1 ]; then
    if [ "$what" = commit ]; then at=$(merged); else
      at=$(run_git for-each-ref '--format=%(objectname)' "refs/remotes/$1" | sort -u)
    fi
    # shellcheck disable=SC2086 # ids
    names=$({ printf '%s\n' "$brought"; in_trees $at; released; } | unchecked "$ends")
    code=$?
  fi
  case $code in
  0) ;;
  1) refuse_outputs ;;
  3) stop 'the list of checked outputs is missing or not whole; `breachkit guard install . --outputs` mends it' ;;
  *) stop 'git could not list what is in it; `git fsck` says what is damaged' ;;
  esac
}

refuse_outputs() {
  say "This $what is refused: it brings outputs that nobody has checked as they are:"
  printf '%s\n' "$names" | while IFS= read -r name; do say "  $name"; done
  say 'Nothing is lost. What to do:'
  say '  1. breachkit check FOLDER says what is wrong with them, breachkit redact FILE mends tables.'
  say '  2. breachkit release FOLDER --to REPO publishes them; then git fetch, and merge'
  say '     release-candidates here in place of a commit of your own.'
  say '  3. Or, where they are to be committed from here: breachkit guard allow FOLDER.'
  if [ "$what" = commit ]; then
    say 'Until then leave them out: git restore --staged FILE, or git rm --cached FILE.'
  else
    say 'They are in commits of yours already: make these anew without them before you push.'
  fi
  [ -r "$guard/contact" ] && ask
  exit 1
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
folders='@FOLDERS@'
listed=
outputs=
if [ -d "$guard" ]; then
  [ -e "$guard/ids" ] || [ ! -e "$guard/outputs-alone" ] && listed=yes
  [ -e "$guard/outputs" ] || [ -e "$guard/outputs-alone" ] && outputs=yes
fi
[ -d "$guard" ] || say 'This guard was removed, and only this hook is left of it: nothing is compared.'

case $hook in
pre-commit)
  [ -z "$listed" ] || run_index
  [ -z "$outputs" ] || run_outputs
  [ -z "$listed" ] || near_copies --staged
  call_kept || exit 0
  exec "$kept" "$@"
  ;;
pre-push) new=2 old=4 ;;
*) new=2 old=1 ;;
esac

lines=$(cat)
tips=$(printf '%s\n' "$lines" | awk -v "new=$new" '$new ~ /[^0]/ { print $new }')
if [ -n "$tips" ] && [ -n "$outputs" ] && [ "$hook" = pre-push ]; then
  run_outputs "$1"
fi
if [ -n "$tips" ] && [ -n "$listed" ]; then
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
