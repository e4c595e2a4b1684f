#!/bin/sh
# CONFIDENTIAL: for the person it was sent to, and for nobody else. Written by breachkit.
#
# This script holds ids of files that were taken back. With such an id, figures that were blacked
# out can be guessed. Pass it on to nobody, put it into no repository and no ticket, and delete it
# and the message that it came with once your copy is reported clean.
#
# It looks whether a copy of a repository still holds those files. It only reads: nothing in the
# copy is changed, nothing is fetched or sent. It needs git 2.20 or newer, and what every Unix has.
#
#   sh verifier.sh PATH      PATH: your copy; without it, the folder you are in
#
# It ends with 0 if the copy is clean, 7 if it is tainted, 5 if that cannot be said.

whole=
trap 'if [ -z "$whole" ]; then echo "UNKNOWN: this script did not come whole: ask us again"; exit 5; fi' 0
umask 077
LC_ALL=C
TZ=UTC
export LC_ALL TZ
unset CDPATH GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_OBJECT_DIRECTORY GIT_NAMESPACE
unset GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_DEFAULT_HASH GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS
unset GIT_TRACE GIT_EXTERNAL_DIFF GIT_SHALLOW_FILE GIT_REPLACE_REF_BASE GIT_CEILING_DIRECTORIES
GIT_NO_LAZY_FETCH=1
GIT_ALLOW_PROTOCOL=
GIT_NO_REPLACE_OBJECTS=1
GIT_OPTIONAL_LOCKS=0
GIT_TERMINAL_PROMPT=0
GIT_ATTR_NOSYSTEM=1
GIT_CONFIG_NOSYSTEM=1
GIT_CONFIG_GLOBAL=/dev/null
GIT_TEMPLATE_DIR=
export GIT_NO_LAZY_FETCH GIT_ALLOW_PROTOCOL GIT_NO_REPLACE_OBJECTS GIT_OPTIONAL_LOCKS
export GIT_TERMINAL_PROMPT GIT_ATTR_NOSYSTEM GIT_CONFIG_NOSYSTEM GIT_CONFIG_GLOBAL GIT_TEMPLATE_DIR

version='@VERSION@'
token='@TOKEN@'
round='@ROUND@'
seed='@SEED@'
check='@CHECK@'

# The ids: d a file, h a part of the old history, l a file in Git LFS; id, number, size.
the_list() {
  cat <<'END_OF_LIST'
@LIST@
END_OF_LIST
}

# ---------------------------------------------------------------------------------------- helpers

run_git() {
  git --no-pager -c core.fsmonitor=false -c core.multiPackIndex=false -c core.commitGraph=false \
    -c core.hooksPath=/dev/null -c core.attributesFile=/dev/null -c protocol.allow=never \
    -c gc.auto=0 -c core.quotePath=true "$@"
}

in_store() { # git in the git directory "$1"
  store=$1
  shift
  run_git --git-dir="$store" --work-tree="$tmp/none" "$@"
}

unread() { # a place that could not be looked at, and how that is
  printf 'unread %s:%s\n' "$1" "$2" >>"$tmp/found"
}

at_end() { # what a command before a pipe ended with
  printf '%s\n' "$1" >>"$tmp/status"
}

ended_well() {
  ! grep -q '[^0]' "$tmp/status" 2>/dev/null
}

# Looks for the ids of the list among those on standard input.
match() { # place, an id that must be there or nothing, what is counted
  awk -v place="$1" -v control="$2" -v what="$3" '
    NR == FNR { kind[$2] = $1; number[$2] = $3; next }
    { seen++ }
    $1 == control { found = 1 }
    ($1 in kind) && !($1 in told) { told[$1] = 1; print "hit", place, kind[$1], number[$1], $1 }
    END {
      print "count", what, seen + 0
      if (control != "" && !found) print "unread " place ":control"
    }' "$tmp/list" - >>"$tmp/found"
}

absolute() { # the folder "$1", without links; a full stop stands at its end
  case $1 in
    /* | [A-Za-z]:*) (cd "$1" 2>/dev/null && pwd -P && printf .) ;;
    *) (cd "./$1" 2>/dev/null && pwd -P && printf .) ;;
  esac
}

pointer() { # what a file of git points at; a full stop stands at its end
  sed '1s/^gitdir: //' "$1" && printf .
}

without_end() { # takes off the full stop and the line end before it; sets "$text"
  text=${1%.}
  text=${text%"$newline"}
  text=${text%"$return"}
}

# shellcheck disable=SC2016  # a shell of its own expands it
is_store='[ -f "$1/../HEAD" ] || [ -L "$1/../HEAD" ]'
newline='
'
return=$(printf '\r')

# ------------------------------------------------------------------------------- a store of objects

# Gives the ids of the objects that lie in a store itself, from its indexes and file names.
own_ids() {
  for index in "$1"/objects/pack/*.idx; do
    if [ -f "$index" ]; then git show-index <"$index" 2>/dev/null; fi
  done | awk '{ print $2 }'
  find "$1/objects" -type f 2>/dev/null | sed -n 's|^.*/\([0-9a-f]\{2\}\)/\([0-9a-f]\{38\}\)$|\1\2|p'
}

names_in() { # every id that stands in plain words in a git directory
  for entry in "$1"/* "$1"/.[!.]*; do
    case ${entry##*/} in
      objects | modules | lfs | rr-cache | index | sharedindex.*) continue ;;
      hooks | breachkit-guard) continue ;; # whose list of old ids is there to keep them out
    esac
    if [ -e "$entry" ]; then
      find "$entry" -type f -exec awk 1 {} + 2>/dev/null
      at_end $?
    fi
  done | tr -cs '0-9a-f' '\n' | awk 'length($0) == 40'
}

check_store() { # a git directory, and what to call what is in it
  : >"$tmp/status"
  printf 'count stores 1\n' >>"$tmp/found"
  for part in objects refs packed-refs logs modules worktrees lfs; do
    if [ -L "$1/$part" ]; then unread "$2" links; fi
  done
  format=$(git config --file "$1/config" --get extensions.objectformat 2>/dev/null)
  if [ "${format:-sha1}" != sha1 ]; then unread "$2" format; fi
  if [ -n "$(git config --file "$1/config" --get extensions.refstorage 2>/dev/null)" ]; then
    unread "$2" refs
  fi
  check_objects "$1" "$2"
  names_in "$1" | match names '' names
  for index in "$1/index" "$1"/worktrees/*/index; do
    if [ -f "$index" ]; then check_index "${index%/index}" "$2"; fi
  done
  if ! ended_well; then unread "$2" names; fi
  check_leftovers "$1" "$2"
  check_lfs "$1" "$2"
}

check_objects() {
  control=$(own_ids "$1" | sed -n 1p)
  if [ -z "$control" ]; then
    control=$(in_store "$1" for-each-ref --count=1 --format='%(objectname)' 2>/dev/null)
  fi
  for pack in "$1"/objects/pack/*.pack; do
    if [ -f "$pack" ] && ! [ -f "${pack%.pack}.idx" ]; then unread "$2" pack; fi
  done
  if [ -n "$(find "$1/objects" -name 'tmp_*' -o -name 'incoming-*' 2>/dev/null | sed -n 1p)" ]; then
    unread "$2" unfinished
  fi
  if [ -z "$control" ] && [ "$2" = objects ]; then unread "$2" empty; fi
  {
    in_store "$1" cat-file --batch-all-objects --buffer --batch-check='%(objectname)' 2>"$tmp/said"
    printf '%s\n' $? >"$tmp/code"
  } | match "$2" "$control" objects
  # What a partial copy does not have is not in it, and git's word about that is no complaint.
  if grep -qv '^warning: This repository uses promisor remotes' "$tmp/said" ||
    [ "$(cat "$tmp/code")" != 0 ]; then
    unread "$2" objects
  fi
  if [ -s "$1/objects/info/alternates" ]; then tell_borrowed "$1" "$2"; fi
}

# Calls what is found in a store and lies in another, from which it borrows, `borrowed`.
tell_borrowed() {
  printf 'borrows %s\n' "$2" >>"$tmp/found"
  own_ids "$1" | awk -v place="$2" '
    step == 1 { own[$1] = 1; next }
    $1 == "hit" && $2 == place && !($5 in own) { $2 = "borrowed" }
    { print }' step=1 - step=2 "$tmp/found" >"$tmp/found.new" && mv "$tmp/found.new" "$tmp/found"
}

check_index() {
  if ! in_store "$1" ls-files --stage --sparse >"$tmp/entries" 2>/dev/null &&
    ! in_store "$1" ls-files --stage >"$tmp/entries" 2>/dev/null; then
    unread "$2" index
  fi
  awk '{ print $2 }' "$tmp/entries" | match index '' entries
}

# What git keeps while it works holds pieces of files, which no id shows.
check_leftovers() {
  for part in "$1/rr-cache" "$1/filter-repo" "$1/lfs/tmp" "$1"/rebase-* "$1"/worktrees/*/rebase-*; do
    if [ -n "$(find "$part" -type f 2>/dev/null | sed -n 1p)" ]; then unread "$2" leftovers; fi
  done
}

check_lfs() {
  if ! grep -q '^l ' "$tmp/list"; then return; fi
  if [ -n "$(git config --file "$1/config" --get lfs.storage 2>/dev/null)" ]; then unread "$2" lfs; fi
  find "$1/lfs" -type f 2>/dev/null | sed 's|^.*/||' | tr -cs '0-9a-f\n' '\n' | match lfs '' lfs
}

# ------------------------------------------------------------------------------------- plain files

# Every plain file below a folder but the objects of git: with its bytes, and with its line ends
# as git would store them.
check_files() {
  : >"$tmp/status"
  files_below "$1" -exec git --git-dir="$tmp/bare" hash-object --no-filters {} + |
    match files '' files
  files_below "$1" -exec git --git-dir="$tmp/bare" -c core.autocrlf=input hash-object {} + |
    match files '' again
  if ! ended_well; then unread files files; fi
  if grep -q '^l ' "$tmp/list"; then check_large_files "$1"; fi
  check_bundles "$1"
}

files_below() {
  below=$1
  shift
  find "$below" -type d -name objects -exec sh -c "$is_store" sh {} \; -prune -o -type f "$@" \
    2>/dev/null
  at_end $?
}

check_large_files() {
  # shellcheck disable=SC2094  # the list is only read
  while read -r kind _ _ size; do
    if [ "$kind" = l ]; then
      files_below "$1" -size "${size}c" -exec sh "$self" --sha256 {} + | match files '' large
    fi
  done <"$tmp/list"
}

sha256_of() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum <"$1"
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256 <"$1"
  elif command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r <"$1"
  else unread files sha256
  fi
}

check_bundles() {
  like='^# v[23] git bundle'
  if [ -n "$(files_below "$1" -exec grep -l "$like" {} + | sed -n 1p)" ]; then
    files_below "$1" -exec grep -q "$like" {} \; -exec sh "$self" --bundle {} \;
  fi
}

check_bundle() {
  IFS= read -r first <"$1"
  case $first in
    '# v2 git bundle' | '# v3 git bundle') ;;
    *) return ;;
  esac
  unpacked=$tmp/bundle.$$
  mkdir "$unpacked" "$unpacked/objects" "$unpacked/objects/info" "$unpacked/objects/pack"
  printf '%s\n' "$main/objects" >"$unpacked/objects/info/alternates"
  in_store "$main" bundle list-heads "$1" 2>/dev/null >"$unpacked/heads"
  match bundle '' heads <"$unpacked/heads"
  if (
    GIT_OBJECT_DIRECTORY=$unpacked/objects
    export GIT_OBJECT_DIRECTORY
    in_store "$main" bundle unbundle "$1" >/dev/null 2>&1
  ); then
    control=$(own_ids "$unpacked" | sed -n 1p)
    if [ -z "$control" ]; then unread bundle empty; fi
    own_ids "$unpacked" | match bundle "$control" bundled
  else
    unread bundle bundle
  fi
  rm -rf "$unpacked"
}

# ------------------------------------------------------------------------ what belongs to the copy

inside() { # whether the folder "$1" is "$2" or lies in it
  case $1/ in
    "$2"/*) return 0 ;;
    *) return 1 ;;
  esac
}

find_copy() { # sets "$top", where its files are, and "$main", its git directory
  without_end "$(absolute "$1")"
  top=$text
  main=
  if [ -z "$top" ]; then return 1; fi
  if [ -d "$top/.git" ]; then
    without_end "$(absolute "$top/.git")"
    main=$text
  elif [ -f "$top/.git" ]; then
    without_end "$(pointer "$top/.git")"
    case $text in
      /* | [A-Za-z]:*) ;;
      *) text=$top/$text ;;
    esac
    without_end "$(absolute "$text")"
    main=$text
  elif [ -f "$top/HEAD" ] && [ -d "$top/objects" ]; then
    main=$top
  fi
  if [ -z "$main" ]; then return 1; fi
  if [ -f "$main/commondir" ]; then
    without_end "$(pointer "$main/commondir")"
    case $text in
      /* | [A-Za-z]:*) ;;
      *) text=$main/$text ;;
    esac
    without_end "$(absolute "$text")"
    main=$text
    top=$main
  fi
  if [ "${main##*/}" = .git ] && { [ "$top" = "$main" ] || inside "$top" "$main"; }; then
    top=${main%/.git}
  fi
  [ -d "$main/objects" ]
}

worktree_of() { # the folder of a linked work tree, from its folder in the git directory; sets "$text"
  without_end "$(pointer "$1/gitdir")"
  case $text in
    /* | [A-Za-z]:*) ;;
    *) text=$1/$text ;;
  esac
  text=${text%/.git}
}

each_root() { # calls "$1" with every folder that belongs to the copy
  "$1" "$top"
  if ! inside "$main" "$top"; then "$1" "$main"; fi
  for linked in "$main"/worktrees/*; do
    if ! [ -f "$linked/gitdir" ]; then continue; fi
    worktree_of "$linked"
    if ! [ -d "$text" ]; then
      if [ "$1" = check_files ]; then unread files worktree; fi
      continue
    fi
    without_end "$(absolute "$text")"
    if ! inside "$text" "$top"; then "$1" "$text"; fi
  done
  without_end "$(git config --file "$main/config" --get core.worktree 2>/dev/null && printf .)"
  if [ -n "$text" ] && ! [ -f "$main/commondir" ]; then
    case $text in
      /* | [A-Za-z]:*) ;;
      *) text=$main/$text ;;
    esac
    if [ -d "$text" ]; then
      without_end "$(absolute "$text")"
      if ! inside "$text" "$top"; then "$1" "$text"; fi
    elif [ "$1" = check_files ]; then
      unread files worktree
    fi
  fi
}

check_stores() {
  find "$1" -type d -name objects -exec sh -c "$is_store" sh {} \; -prune \
    -exec sh "$self" --store {} \; 2>/dev/null || unread files files
}

store_found() { # the folder of objects of a store, somewhere in the copy
  without_end "$(absolute "$1/..")"
  if [ "$text" = "$main" ]; then return; fi
  if inside "$text" "$main/modules" || inside "$text" "$main/worktrees"; then
    check_store "$text" module
  else
    check_store "$text" nested
  fi
}

# ----------------------------------------------------------------------------------------- advice

quoted() { # "$1" as a word of a command line
  printf '%s.' "$1" | sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\\.\$/'/"
}

command_line() {
  printf '    %s\n' "$*"
}

# Finds every commit that leads to what has to go: those of the list, own ones that hold a file of
# the list, and all that descend from them; and the refs that lead to it.
find_tainted() {
  in_store "$main" worktree list --porcelain 2>/dev/null >"$tmp/worktrees"
  in_store "$main" reflog show --format=%H refs/stash -- 2>/dev/null >"$tmp/stash"
  # shellcheck disable=SC2046  # one id a line
  in_store "$main" rev-list --topo-order --reverse --parents --all --reflog \
    $(sed -n 's/^HEAD //p' "$tmp/worktrees") 2>/dev/null >"$tmp/graph"
  awk 'step == 1 { listed[$2] = 1; next } $1 in listed { print $1 }' \
    step=1 "$tmp/list" step=2 "$tmp/graph" >"$tmp/old"
  { sed 's/^/^/' "$tmp/old" && awk '{ print $1 }' "$tmp/graph"; } |
    in_store "$main" rev-list --stdin 2>/dev/null |
    in_store "$main" diff-tree --stdin -r -m --root --no-renames 2>/dev/null |
    awk 'step == 1 { if ($1 == "d") bad[$2] = 1; next }
      !/^:/ { commit = $1; next }
      $4 in bad { print commit }' step=1 "$tmp/list" step=2 - | sort -u >"$tmp/own"
  awk 'step == 1 { bad[$1] = 1; next }
    { is = $1 in bad
      for (i = 2; i <= NF; i++) if ($i in bad) is = 1
      if (is) { bad[$1] = 1; print $1 } }' \
    step=1 "$tmp/old" "$tmp/own" step=2 "$tmp/graph" >"$tmp/tainted"
  in_store "$main" show-ref -d 2>/dev/null >"$tmp/all-refs"
  awk 'step == 1 { bad[$1] = 1; next }
    step == 2 { bad[$2] = 1; next }
    $1 in bad { sub(/\^\{\}$/, "", $2); if (!told[$2]++) print $2 }' \
    step=1 "$tmp/tainted" step=2 "$tmp/list" step=3 "$tmp/all-refs" >"$tmp/refs"
}

is_good() { # whether a ref of the server's may be what own work goes on from
  if ! awk -v ref="$1" '$2 == ref { found = 1 } END { exit !found }' "$tmp/all-refs"; then
    return 1
  fi
  if ! grep -qxF "$1" "$tmp/refs"; then return 0; fi
  grep -qxF "$(in_store "$main" rev-parse --verify --quiet "$1^{commit}")" "$tmp/old"
}

find_remote() { # sets "$remote" and "$default", the branch of the server's that others start from
  remote=$(git config --file "$main/config" --get-regexp '^remote\..*\.url$' 2>/dev/null |
    sed -n 's/^remote\.\(.*\)\.url .*/\1/p' |
    awk 'NR == 1 || $0 == "origin" { kept = $0 } END { print kept }')
  if [ -z "$remote" ]; then default= && return; fi
  pointed=$(in_store "$main" symbolic-ref -q "refs/remotes/$remote/HEAD")
  first=
  for default in "$pointed" "refs/remotes/$remote/main" "refs/remotes/$remote/master" \
    $(awk -v start="refs/remotes/$remote/" 'index($2, start) == 1 { print $2 }' "$tmp/all-refs"); do
    case $default in
      '' | */HEAD) continue ;;
    esac
    if is_good "$default"; then return; fi
    if [ -z "$first" ] && awk -v ref="$default" '$2 == ref { found = 1 } END { exit !found }' \
      "$tmp/all-refs"; then
      first=$default
    fi
  done
  default=$first # somebody pushed onto the old history: by now the server has another one there
}

find_target() { # a branch and the commit its own work starts from; sets "$target"
  target=$(in_store "$main" for-each-ref --format='%(upstream)' "$1")
  case $target in
    refs/remotes/*) if is_good "$target"; then return; fi ;;
  esac
  target=$default
  if [ -z "$2" ]; then return; fi
  holding=$(in_store "$main" for-each-ref --contains "$2" --format='%(refname)' \
    "refs/remotes/$remote" 2>/dev/null)
  case $newline$holding$newline in
    *"$newline$default$newline"*) return ;;
  esac
  for candidate in $holding; do
    case $candidate in
      */HEAD) continue ;;
    esac
    if is_good "$candidate"; then
      target=$candidate
      return
    fi
  done
}

git_of() { # a branch: sets "$git", how git is called in the work tree that has it, or nothing
  folder=$(awk -v branch="branch $1" '
    /^worktree / { number++; at = substr($0, 10) }
    $0 == branch { print (number == 1 ? "." : at) }' "$tmp/worktrees")
  git_in "$folder"
}

git_in() { # a folder, or a full stop for the first work tree
  case $1 in
    '') git= ;;
    .) git=git ;;
    *) git="git -C $(quoted "$1")" ;;
  esac
}

own_commits() { # a branch: the commits on it that are in no history of the server's, oldest first
  {
    in_store "$main" rev-parse --verify "$1^{commit}"
    sed 's/^/^/' "$tmp/old"
    awk 'step == 1 { bad[$1] = 1; next }
      $2 ~ /^refs\/remotes\// && !($2 in bad) { print "^" $1 }' \
      step=1 "$tmp/refs" step=2 "$tmp/all-refs"
  } | in_store "$main" rev-list --topo-order --reverse --stdin 2>/dev/null
}

lines_in() {
  awk 'END { print NR }' "$1"
}

any_of() { # whether a line of "$1" is one of "$2"
  awk 'step == 1 { listed[$1] = 1; next } $1 in listed { found = 1 } END { exit !found }' \
    step=1 "$2" step=2 "$1"
}

advise_branch() {
  name=${1#refs/heads/}
  shown=$(quoted "$name")
  own_commits "$1" >"$tmp/mine"
  awk 'step == 1 { mine[$1] = 1; next } ($1 in mine) && NF > 2 { print $1 }' \
    step=1 "$tmp/mine" step=2 "$tmp/graph" >"$tmp/merges"
  first=$(sed -n 1p "$tmp/mine")
  find_target "$1" "$(awk -v first="$first" '$1 == first { print $2 }' "$tmp/graph")"
  git_of "$1"
  to=$(quoted "${target#refs/remotes/}")
  if [ -z "$target" ]; then
    printf '  Ask us about the branch %s: the server has nothing that it could go on from.\n' "$shown"
  elif any_of "$tmp/mine" "$tmp/own"; then
    printf '  Ask us about the branch %s: commits of your own on it hold the files.\n' "$shown"
  elif [ "$(lines_in "$tmp/mine")" != "$(lines_in "$tmp/merges")" ]; then
    advise_moving
  elif [ -n "$git" ]; then
    command_line "$git checkout --quiet $shown"
    command_line "$git reset --quiet --keep $to"
  else
    command_line "git branch --quiet --no-track --force $shown $to"
  fi
}

advise_moving() { # a branch with work of one's own
  git=${git:-git}
  if ! [ -s "$tmp/merges" ]; then
    command_line "$git rebase --quiet --onto $to $(quoted "$name~$(lines_in "$tmp/mine")") $shown"
    return
  fi
  command_line "$git checkout --quiet --detach $to"
  while read -r one; do
    if ! grep -qx "$one" "$tmp/merges"; then
      command_line "$git cherry-pick --keep-redundant-commits $(quoted "$(
        in_store "$main" name-rev --name-only --refs="refs/heads/$name" "$one"
      )")"
    fi
  done <"$tmp/mine"
  command_line "$git branch --quiet --force $shown HEAD"
  command_line "$git checkout --quiet $shown"
}

advise_stash() {
  if ! any_of "$tmp/stash" "$tmp/tainted"; then return; fi
  printf '\nYour stashes stand on the old history. Keep each as a branch, then drop them:\n'
  number=0
  while read -r one; do
    if holds_files "$one"; then
      printf '  (stash %s holds the files themselves; it is dropped)\n' "$number"
    elif [ -n "$default" ]; then
      command_line "git checkout --quiet --detach $(quoted "${default#refs/remotes/}")"
      command_line "git cherry-pick --no-commit -m 1 'stash@{$number}'"
      if in_store "$main" rev-parse --verify --quiet "$one^3" >/dev/null; then
        command_line "git cherry-pick --no-commit 'stash@{$number}^3'"
      fi
      command_line "git commit --quiet --allow-empty --message 'Kept from stash $number'"
      command_line "git branch 'kept-stash-$number'"
    fi
    number=$((number + 1))
  done <"$tmp/stash"
  if [ -n "$current" ]; then command_line "git checkout --quiet $(quoted "${current#refs/heads/}")"; fi
  command_line "git stash clear"
}

holds_files() { # whether what a stash adds holds a file of the list
  {
    in_store "$main" diff-tree -r --no-renames "$1^1" "$1"
    in_store "$main" diff-tree -r --no-renames "$1^1" "$1^2"
    in_store "$main" diff-tree -r --no-renames --root --no-commit-id "$1^3"
  } 2>/dev/null | awk '
    step == 1 { if ($1 == "d") bad[$2] = 1; next }
    $4 in bad { found = 1 }
    END { exit !found }' step=1 "$tmp/list" step=2 -
}

advise_worktrees() { # those that are on no branch
  folder=
  while read -r word rest; do
    case $word in
      worktree) if [ -z "$folder" ]; then folder=.; else folder=$rest; fi ;;
      HEAD) at=$rest ;;
      detached)
        if ! grep -qx "$at" "$tmp/tainted" || [ -z "$default" ]; then continue; fi
        git_in "$folder"
        if grep -qx "$at" "$tmp/old"; then
          command_line "$git checkout --quiet --detach $(quoted "${default#refs/remotes/}")"
        else
          printf '  What you did without a branch needs a name. Give it one, then run this script again:\n'
          command_line "$git checkout --quiet -b kept-work"
        fi ;;
    esac
  done <"$tmp/worktrees"
}

advise_files() { # copies of the files that git does not know of
  awk '$1 == "hit" && $2 == "files" { print $5 }' "$tmp/found" | sort -u >"$tmp/hits"
  if [ -s "$tmp/hits" ]; then
    printf '\nDelete the copies of the files that no branch holds:\n'
    each_root advise_files_in
  fi
  for linked in "$main"/worktrees/*; do
    if [ -f "$linked/gitdir" ]; then
      worktree_of "$linked"
      if ! [ -d "$text" ]; then printf '    git worktree prune\n'; fi
    fi
  done
}

advise_files_in() {
  files_below "$1" -exec sh "$self" --copies {} +
}

tell_copies() { # of the files given, those that are copies and in no index
  for file in "$@"; do
    git --git-dir="$tmp/bare" hash-object --no-filters "$file" >"$tmp/ids.$$"
    git --git-dir="$tmp/bare" -c core.autocrlf=input hash-object "$file" >>"$tmp/ids.$$"
    if grep -q '^l ' "$tmp/list"; then sha256_of "$file" >>"$tmp/ids.$$"; fi
    if any_of "$tmp/ids.$$" "$tmp/hits"; then
      if ! (
        cd "${file%/*}" &&
          git -c safe.directory='*' rev-parse --verify --quiet "HEAD:./${file##*/}" >/dev/null 2>&1
      ); then
        command_line "rm -f $(quoted "$file")"
      fi
    fi
  done
}

advise_leftovers() {
  shown=$(quoted "$main")
  printf '\nClear away what git keeps beside the branches:\n'
  for part in rr-cache filter-repo lfs/tmp; do
    if [ -d "$main/$part" ]; then command_line "rm -rf $shown/$part"; fi
  done
  for folder in "$main" "$main"/worktrees/*; do
    if ! [ -d "$folder" ]; then continue; fi
    at=$(quoted "$folder")
    command_line "rm -f $at/ORIG_HEAD $at/FETCH_HEAD $at/AUTO_MERGE $at/REBASE_HEAD"
  done
  if grep -q '^hit lfs ' "$tmp/found"; then command_line "rm -rf $shown/lfs/objects"; fi
  for keep in "$main"/objects/pack/*.keep; do
    if [ -f "$keep" ]; then command_line "rm -f $(quoted "$keep")"; fi
  done
  if grep -q -e '^hit bundle ' -e '^unread bundle:' "$tmp/found"; then each_root advise_bundles; fi
  if grep -q -e '^hit module ' -e '^unread module:' "$tmp/found"; then
    printf '  What you did in submodules and never pushed is lost by this; ask us first if there is any.\n'
    command_line "git submodule deinit --force --all"
    command_line "rm -rf $shown/modules"
  fi
  if grep -q -e '^hit nested ' -e '^unread nested:' "$tmp/found"; then
    printf '  A repository of its own lies within this copy: run this script on it too.\n'
  fi
  if grep '^unread ' "$tmp/found" | grep -qv -e ':leftovers$' -e ':bundle$' -e ':worktree$' -e ':unfinished$'; then
    printf '  Ask us about what could not be looked at: deleting the copy is often the shortest way.\n'
  fi
  command_line "git reflog expire --expire=now --expire-unreachable=now --all"
  if [ -s "$main/objects/info/alternates" ]; then
    printf '  This copy borrows from another one, which has to be looked at too.\n'
    command_line "git repack -a -d --quiet"
    command_line "rm -f $shown/objects/info/alternates"
  fi
  command_line "git -c gc.bigPackThreshold=0 -c gc.worktreePruneExpire=now gc --quiet --prune=now"
}

advise_bundles() {
  files_below "$1" -exec sh "$self" --bundles {} +
}

tell_bundles() {
  for file in "$@"; do
    IFS= read -r first <"$file"
    case $first in
      '# v2 git bundle' | '# v3 git bundle') command_line "rm -f $(quoted "$file")" ;;
    esac
  done
}

advise_other_refs() {
  while read -r ref; do
    case $ref in
      refs/heads/* | refs/tags/* | refs/stash | "refs/remotes/$remote/"*) ;;
      *) command_line "git update-ref -d $(quoted "$ref")" ;;
    esac
  done <"$tmp/refs"
}

advise() {
  find_tainted
  find_remote
  current=$(in_store "$main" symbolic-ref -q HEAD)
  printf '\nHOW TO CLEAN THIS COPY\n\n'
  printf 'Best: delete it, everywhere, and clone again after our all-clear.\n'
  printf 'If you cannot, run the lines below one after the other, once we have told you that the\n'
  printf 'server is clean. Stop and ask us when one fails.\n'
  printf 'Do not push, and do not use git pull or git merge: they bring the files back to everybody.\n'
  if [ -n "$(find "$main/objects/pack" -name '*.promisor' 2>/dev/null | sed -n 1p)" ]; then
    advise_partial
    return
  fi
  for started in "$main"/rebase-* "$main"/*_HEAD "$main"/worktrees/*/rebase-* "$main"/worktrees/*/*_HEAD; do
    case ${started##*/} in
      rebase-merge | rebase-apply | MERGE_HEAD | CHERRY_PICK_HEAD | REVERT_HEAD) ;;
      *) continue ;;
    esac
    printf '\nYou are in the middle of a merge, rebase or the like. Give it up first: git status says how\n'
    printf '(with --abort). Then run this script again: it tells what to do next.\n'
    return
  done
  printf '\nFirst commit what you have changed (git status shows it). Then:\n'
  command_line "cd $(quoted "$top")"
  advise_index
  while read -r ref; do
    case $ref in
      refs/tags/*) command_line "git update-ref -d $(quoted "$ref")" ;;
    esac
  done <"$tmp/refs"
  if [ -z "$remote" ]; then
    printf '  Ask us: this copy does not say where it is from.\n'
  elif [ "$top" = "$main" ]; then
    command_line "git fetch --quiet --prune --force $(quoted "$remote")" \
      "'+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'"
  else
    command_line "git fetch --quiet --prune --tags --force $(quoted "$remote")" \
      "$(quoted "+refs/heads/*:refs/remotes/$remote/*")"
    advise_branches
    advise_worktrees
    advise_stash
  fi
  advise_other_refs
  advise_files
  advise_leftovers
  printf '\nThen run this script once more and send us its last result.\n'
}

advise_index() {
  if [ "$top" = "$main" ] || ! grep -q '^hit index ' "$tmp/found"; then return; fi
  command_line "git reset --quiet"
  for linked in "$main"/worktrees/*; do
    if ! [ -f "$linked/gitdir" ]; then continue; fi
    worktree_of "$linked"
    if [ -d "$text" ]; then command_line "git -C $(quoted "$text") reset --quiet"; fi
  done
}

advise_branches() { # the one that is checked out comes last, so that it stays checked out
  if ! grep -q '^refs/heads/' "$tmp/refs"; then return; fi
  printf '\nMove your branches to the new history:\n'
  for ref in $(grep '^refs/heads/' "$tmp/refs" | grep -vxF "$current"); do
    advise_branch "$ref"
  done
  if grep -qxF "$current" "$tmp/refs"; then
    advise_branch "$current"
  elif [ -n "$current" ]; then
    command_line "git checkout --quiet $(quoted "${current#refs/heads/}")"
  fi
}

advise_partial() { # what a promised pack brought stays there, whatever git is told
  printf '\nThis copy is partial: git never lets go of what it fetched into one, so it cannot be cleaned.\n'
  printf 'Keep commits of your own as patches, clone again, put them onto it with git am, and delete\n'
  printf 'this copy:\n'
  command_line "cd $(quoted "$top")"
  for ref in $(grep '^refs/heads/' "$tmp/refs"); do
    own_commits "$ref" >"$tmp/mine"
    name=${ref#refs/heads/}
    if [ -s "$tmp/mine" ] && ! any_of "$tmp/mine" "$tmp/own"; then
      command_line "git format-patch --quiet --output-directory" \
        "$(quoted "$top-patches/$name")" "$(quoted "$name~$(lines_in "$tmp/mine")..$name")"
    fi
  done
  command_line "git clone --quiet \"\$(git remote get-url $(quoted "$remote"))\" $(quoted "$top-new")"
}

# ----------------------------------------------------------------------------------------- result

places='objects borrowed names index files lfs bundle module nested'

hits_of() { # a place: numbers of files, then how many parts of the old history
  awk -v place="$1" '
    $1 == "hit" && $2 == place { if ($3 == "h") old[$5] = 1; else files[$4] = 1 }
    END { for (i in old) history++
      for (i in files) list = list " " i
      print history + 0 list }' "$tmp/found"
}

total() {
  awk -v what="$1" '$1 == "count" && $2 == what { n += $3 } END { print n + 0 }' "$tmp/found"
}

lettered() { # an id of git in letters alone, so that nobody takes it for one
  tr '0-9a-f' 'ghjkmnpqrstvwxyz'
}

decide() { # sets what the result says
  reasons=$(sed -n 's/^unread //p' "$tmp/found" | sort -u)
  verdict=clean
  if [ -n "$reasons" ]; then verdict=unknown; fi
  if grep -q '^hit ' "$tmp/found"; then verdict=tainted; fi
  at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  copy=$(printf '%s %s %s' "$$" "$at" "$(ls -id "$tmp")" | git hash-object --stdin | lettered | cut -c 1-16)
  git_version=$(git version | sed 's/^[^0-9]*//' | tr -cd '0-9.' | cut -c 1-20)
  json_hits=
  sealed=
  comma=
  for place in $places; do
    found=$(hits_of "$place")
    if [ "$found" = 0 ]; then continue; fi
    history=${found%% *}
    files=$(printf '%s\n' "$found" | tr ' ' '\n' | sed 1d | sort -n | tr '\n' ' ' | sed 's/ $//; s/ /, /g')
    json_hits="$json_hits$comma
    {\"place\": \"$place\", \"files\": [$files], \"history\": $history}"
    sealed="$sealed$place [$files] $history$newline"
    comma=,
  done
  json_reasons=$(printf '%s' "$reasons" | awk '{ printf "%s\"%s\"", (NR > 1 ? ", " : ""), $0 }')
  seal=$({
    printf '%s\n' "$seed" breachkit.clone-result/1 "$verdict" "$token" "$round" verifier "$version" "$at" "$copy" \
      "$git_version" "$(total stores)" "$(total objects)" "$(total files)"
    printf '%s%s\n' "$sealed" "$json_reasons"
  } | git hash-object --stdin | lettered)
}

tell() {
  case $verdict in
    clean)
      echo 'CLEAN: nothing of what was taken back is in this copy.'
      what='Send us the lines between the marks, then delete this script and the message it came with.' ;;
    tainted)
      echo 'TAINTED: this copy still holds what was taken back. Do not push, pull or merge.'
      what='Send us the lines between the marks. Then delete the copy, or clean it as shown below them.' ;;
    *)
      echo 'UNKNOWN: something could not be looked at, so nobody can call this copy clean.'
      what='Send us the lines between the marks. Do not push, pull or merge until you hear from us.' ;;
  esac
  echo "Looked at $(total objects) objects, $(total files) files and $(total stores) stores of git; $(where)."
  echo "$what"
  echo
  echo '----- send from here -----'
  cat <<END_OF_RESULT
{
  "schema": "breachkit.clone-result/1",
  "verdict": "$verdict",
  "case": "$token",
  "round": $round,
  "by": "verifier",
  "version": "$version",
  "at": "$at",
  "copy": "$copy",
  "git": "$git_version",
  "stores": $(total stores),
  "objects": $(total objects),
  "files": $(total files),
  "hits": [$json_hits],
  "unread": [$json_reasons],
  "seal": "$seal"
}
END_OF_RESULT
  echo '----- to here -----'
}

where() {
  hit=$(sed -n 's/^hit \([a-z]*\) .*/\1/p' "$tmp/found" | sort -u | tr '\n' ' ' | sed 's/ $//; s/ /, /g')
  not=$(printf '%s' "$reasons" | tr '\n' ' ' | sed 's/ $//; s/ /, /g')
  printf '%s' "${hit:+found in: $hit}${hit:+${not:+; }}${not:+not looked at: $not}"
  if [ -z "$hit$not" ]; then printf 'found nothing'; fi
}

# ------------------------------------------------------------------------------------------- start

stop() {
  echo "UNKNOWN: $1"
  exit 5
}

within() { # what find calls this script for, on what it found
  what=$1
  shift
  case $what in
    --store) store_found "$1" ;;
    --bundle) check_bundle "$1" ;;
    --sha256) for file in "$@"; do sha256_of "$file"; done ;;
    --copies) tell_copies "$@" ;;
    --bundles) tell_bundles "$@" ;;
  esac
}

prepare() {
  if ! [ -f "$self" ]; then stop 'save this script as a file and run it with: sh FILE PATH'; fi
  for tool in git awk sed sort find grep tr cut date; do
    if ! command -v "$tool" >/dev/null 2>&1; then stop "$tool is not installed here"; fi
  done
  tmp=${TMPDIR:-/tmp}/breachkit-verifier.$$
  if ! mkdir "$tmp"; then stop 'there is nowhere to put temporary files'; fi
  trap 'rm -rf "$tmp"' 0
  trap 'exit 130' 1 2 15
  HOME=$tmp/none
  XDG_CONFIG_HOME=$tmp/none
  BREACHKIT_TMP=$tmp
  export HOME XDG_CONFIG_HOME BREACHKIT_TMP
  mkdir "$tmp/none"
  : >"$tmp/own"
  the_list >"$tmp/list"
}

# It tries itself before it looks anywhere: that the list came whole, and that it finds what is there.
try_itself() {
  if ! git version | awk '{ split($3, v, "."); exit !(v[1] > 2 || (v[1] == 2 && v[2] >= 20)) }'; then
    stop 'git is older than 2.20 here: install a newer one'
  fi
  if ! git init -q --bare "$tmp/bare" || [ "$(git hash-object --stdin <"$tmp/list")" != "$check" ]; then
    stop 'this script is damaged: ask us for another one'
  fi
  known=$(sed -n '1s/^. \([^ ]*\) .*/\1/p' "$tmp/list")
  : >"$tmp/found"
  printf '%s\n' "$known" 0000000000000000000000000000000000000000 | match trial "$known" trial
  if [ "$(grep -c '^hit trial ' "$tmp/found")" != 1 ] || grep -q '^unread' "$tmp/found"; then
    stop 'the tools of this computer do not work as expected'
  fi
  : >"$tmp/found"
}

main() {
  whole=yes
  case $0 in
    */*) self=$0 ;;
    *) self=./$0 ;;
  esac
  if [ -n "${BREACHKIT_TMP-}" ]; then
    tmp=$BREACHKIT_TMP
    main=$BREACHKIT_MAIN
    within "$@"
    exit 0
  fi
  only_advice=
  if [ "${1-}" = --advice-only ]; then
    only_advice=yes
    shift
  fi
  prepare
  try_itself
  if ! find_copy "${1:-.}"; then stop 'there is no git repository at that place; name its top folder'; fi
  BREACHKIT_MAIN=$main
  export BREACHKIT_MAIN
  check_store "$main" objects
  each_root check_stores
  each_root check_files
  decide
  if [ -z "$only_advice" ]; then tell; fi
  if [ "$verdict" != clean ]; then advise; fi
  case $verdict in
    clean) exit 0 ;;
    tainted) exit 7 ;;
    *) exit 5 ;;
  esac
}

main "$@"
