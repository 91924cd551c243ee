# For tests: raises a lab that falls with the test, and makes a folder $work for it. Skips (77) where there can be no lab.
lab=$lab_dir/lab
unset AUSCULT_LAB
[ "$(id -u)" = 0 ] || { echo "skipped: network namespaces need root"; exit 77; }
"$lab" ready || { echo "skipped: the lab's root is not there; make it with: $lab root"; exit 77; }
work=$(mktemp -d)
trap '"$lab" down; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
"$lab" up || exit 1
