#!/usr/bin/env bash
# Makes the pictures of `screenshots/list.txt` from the recorded runs under `screenshots/runs`, each as PNG and as text.
# The test `pictures` fails where the text is not what the program draws.
#
#     cargo build --release --locked && screenshots/make.sh
#
# The program is $TRIMTAB, else target/release/trimtab of this checkout, else the one in PATH.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=${TRIMTAB:-$here/../target/release/trimtab}
[ -x "$program" ] || program=trimtab
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT
export LC_ALL=C LANG=C

for record in "$here"/runs/*/; do
    name=$(basename "$record")
    mkdir "$runs/$name"
    cp "$record"/*.* "$runs/$name/"
    gunzip "$runs/$name/events.jsonl.gz"
done

while IFS='|' read -r file run options keys; do
    read -r file <<<"$file"
    case $file in '' | '#'*) continue ;; esac
    read -r run <<<"$run"
    read -r keys <<<"$keys"
    read -ra options <<<"$options"
    for kind in txt png; do
        "$program" screenshot "$runs/$run" "${options[@]}" --keys "$keys" --to "$here/$file.$kind"
    done
done <"$here/list.txt"
