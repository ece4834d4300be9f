#!/usr/bin/env bash
# Measures configurations of your own: trains each file.toml of a folder with three seeds and prints the test part.
#
#     scripts/evidence.sh FOLDER|FILE.toml [--set KEY=VALUE]...
#
# TRIMTAB names the program; else it is looked for on the PATH, then in target/release. What follows the folder goes to
# `trimtab train`, to try other settings. A metric that several tasks report also gets its mean over them, task `(mean)`.
# Losses of tasks on numbers are in standardised units, after `transform`: about 1 - R2 on that scale.
# Ends with 0, 1 where a run fails or a figure is undefined, 2 where something is not there.
set -euo pipefail
export LC_ALL=C

seeds="7 8 9"

usage() {
    printf 'evidence: %s\nusage: [TRIMTAB=PROGRAM] evidence.sh FOLDER|FILE.toml [--set KEY=VALUE]...\n' "$1" >&2
    exit 2
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/measure.sh
. "$root/scripts/measure.sh"

[ $# -ge 1 ] || usage "name a folder of configurations"
configs=("$1")
if [ -d "$1" ]; then
    shopt -s nullglob
    configs=("${1%/}"/*.toml)
    [ ${#configs[@]} -gt 0 ] || usage "no .toml in '$1'"
elif [ ! -f "$1" ]; then
    usage "no '$1'"
fi
shift

begin=$SECONDS
for config in "${configs[@]}"; do
    group=$(basename "$config" .toml)
    for seed in $seeds; do
        measure "${group//[[:space:]]/_}" "seed-$seed" "$seed" "$config" "$@"
    done
done
quiet

awk '
    $3 != "run" && $4 != "loss" {
        sum[$1 " " $2 " (mean) " $4] += $5
        count[$1 " " $2 " (mean) " $4]++
    }
    { print }
    END { for (key in sum) if (count[key] > 1) print key, sum[key] / count[key] }
' "$folder/values" >"$folder/with-means"
mv "$folder/with-means" "$folder/values"
awk '!(($1, $3, $4) in seen) { seen[$1, $3, $4]; print $1, $1, "-", $3, $4, "-", "-" }' "$folder/values" |
    sort -s -k1,1 >"$folder/rows"

printf 'Test part, seeds %s%s. Spread: the standard deviation over seeds.\n\n' "${seeds// /, }" "${*:+, $*}"
verdict=0
table || verdict=1
printf '\n%s seconds in all, %s.\n' "$((SECONDS - begin))" "$("$program" --version)"
exit "$verdict"
