#!/usr/bin/env bash
# The figures that the configurations must reach, measured: trains digits, medical and (where given) energy.
#
#     scripts/figures.sh [ENERGY.toml]
#
# TRIMTAB names the program; else it is looked for on the PATH, then in target/release. Without an argument, energy.toml
# is looked for in $TRIMTAB_DATA and in the folder configs beside it, and left out where it is in neither.
# Ends with 0 where every bar is reached, 1 where one is missed or a run fails, 2 where something is not there.
set -euo pipefail
export LC_ALL=C

seeds="7 8 9"
folds=5

usage() {
    printf 'figures: %s\nusage: [TRIMTAB=PROGRAM] figures.sh [ENERGY.toml]\n' "$1" >&2
    exit 2
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/measure.sh
. "$root/scripts/measure.sh"

[ $# -le 1 ] || usage "one configuration at most"
energy=${1:-}
[ $# -eq 0 ] || [ -f "$energy" ] || usage "no file '$energy'"
if [ $# -eq 0 ] && [ -n "${TRIMTAB_DATA:-}" ]; then
    for candidate in "$TRIMTAB_DATA/energy.toml" "$TRIMTAB_DATA/../configs/energy.toml"; do
        if [ -f "$candidate" ]; then
            energy=$candidate
            break
        fi
    done
fi

begin=$SECONDS
for seed in $seeds; do
    measure digits "seed-$seed" "$seed" "$root/configs/digits.toml"
done
for ((fold = 0; fold < folds; fold++)); do
    split="data.split={ fold = $fold, of = $folds }"
    for seed in $seeds; do
        measure medical "fold-$fold" "$seed" "$root/configs/medical.toml" --set "$split"
        measure linear "fold-$fold" "$seed" "$root/configs/medical.toml" --set "$split" --set 'encoder.hidden=[]'
    done
done
if [ -n "$energy" ]; then
    for seed in $seeds; do
        measure energy "seed-$seed" "$seed" "$energy"
    done
fi
quiet

printf 'Test part. digits%s: over seeds %s. medical: over %s folds, each the mean of these seeds;\n' \
    "${energy:+ and energy}" "${seeds// /, }" "$folds"
printf 'linear: the same with encoder.hidden = []. Spread: the standard deviation over seeds or folds.\n\n'

# One line a row: label, group, group subtracted or -, task, metric, bound or -, bar.
{
    cat <<'ROWS'
digits digits - digit accuracy >= 0.92
digits digits - parity accuracy >= 0.96
digits digits - loops accuracy >= 0.93
digits digits - ink r2 >= 0.98
digits digits - run seconds most 30
medical medical - diagnosis accuracy - -
medical medical - symptom accuracy - -
medical medical - heart_rate r2 - -
linear linear - diagnosis accuracy - -
linear linear - symptom accuracy - -
linear linear - heart_rate r2 - -
medical-linear medical linear diagnosis accuracy >= -0.03
medical-linear medical linear symptom accuracy >= -0.03
medical-linear medical linear heart_rate r2 >= -0.03
ROWS
    if [ -n "$energy" ]; then
        cat <<'ROWS'
energy energy - heating r2 >= 0.98
energy energy - cooling r2 >= 0.95
energy energy - run seconds - -
ROWS
    fi
} >"$folder/rows"

verdict=0
table || verdict=1

[ -n "$energy" ] || printf '\nenergy: not measured (name its configuration to do so)\n'
printf '\n%s seconds in all, %s.\n' "$((SECONDS - begin))" "$("$program" --version)"
exit "$verdict"
