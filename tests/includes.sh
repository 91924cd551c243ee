#!/usr/bin/env bash
# Includes go one way: targets <- probes <- scoring <- scanner/commands, and targets, probes <- scanner (architecture.md).
set -u
root=${1:-$(cd "$(dirname "$0")/.." && pwd)}

# Each folder, and whom it may include besides the system. main.c is where the engine meets the commands.
allowed() {
    case $1 in
    targets/*) echo "targets" ;;
    probes/*) echo "targets probes" ;;
    scoring/*) echo "targets probes scoring" ;;
    scanner/commands/* | scanner/main.c) echo "targets probes scoring scanner scanner/commands" ;;
    scanner/*) echo "targets probes scanner" ;;
    esac
}

# Prints every include that goes the wrong way in the tree at $1; the path of each is written from the top.
wrong_includes() (
    cd "$1" || exit 2
    find targets probes scoring scanner -name '*.[ch]' -o -name '*.def' | sort | while read -r file; do
        may=" $(allowed "$file") "
        sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file" | while read -r included; do
            case $included in
            scanner/commands/*) house=scanner/commands ;;
            */*) house=${included%%/*} ;;
            *) house=none ;;
            esac
            case $may in
            *" $house "*) [ -f "$included" ] || echo "$file includes \"$included\", which is not there" ;;
            *) echo "$file may not include \"$included\"" ;;
            esac
        done
    done
)

# The check itself is checked: each of these must be seen, and nothing else.
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
mkdir -p "$planted"/{targets,probes,scoring/report,scanner/commands}
touch "$planted"/{targets/a.h,probes/a.h,scoring/a.h,scanner/a.h,scanner/commands/a.h}
plant() {
    echo "# include \"$2\"" >"$planted/$1"
}
plant targets/wrong.c probes/a.h
plant probes/wrong.c scoring/a.h
plant scoring/report/wrong.c scanner/a.h
plant scanner/wrong.c scoring/a.h
plant scanner/wrong2.c scanner/commands/a.h
plant scanner/wrong3.h ../scoring/a.h
plant scanner/commands/wrong.c absent.h
plant probes/right.c targets/a.h
plant scoring/report/right.c probes/a.h
plant scanner/right.c probes/a.h
plant scanner/main.c scanner/commands/a.h
plant scanner/commands/right.c scoring/a.h
seen=$(wrong_includes "$planted" | cut -d' ' -f1 | tr '\n' ' ')
expected="probes/wrong.c scanner/commands/wrong.c scanner/wrong.c scanner/wrong2.c scanner/wrong3.h scoring/report/wrong.c targets/wrong.c "
if [ "$seen" != "$expected" ]; then
    echo "the check sees: $seen"
    echo "and should see: $expected"
    exit 1
fi

found=$(wrong_includes "$root")
[ -z "$found" ] || {
    echo "$found"
    exit 1
}
