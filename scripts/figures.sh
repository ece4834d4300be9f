#!/usr/bin/env bash
# The figures that the configurations must reach, measured: trains digits, heart and (where given) energy.
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
program=${TRIMTAB:-$(command -v trimtab || printf '%s' "$root/target/release/trimtab")}
command -v "$program" >/dev/null || usage "no program $program: build it, or name it in TRIMTAB"

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

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
: >"$folder/values"

# Seconds since 1970; whole ones where bash is older than 5.
now() { printf '%s' "${EPOCHREALTIME:-$(date +%s)}"; }

# measure GROUP UNIT SEED CONFIG [--set KEY=VALUE]...: trains once and appends `group unit task metric value` for each
# metric of the test part, and the seconds it took. What counts as one observation is the unit: a seed, or a fold.
measure() {
    local group=$1 unit=$2 seed=$3 config=$4 start
    shift 4
    [ ! -t 2 ] || printf '\r\033[K%s: %s, seed %s' "$group" "$unit" "$seed" >&2
    start=$(now)
    if ! "$program" train "$config" --json --no-record --seed "$seed" "$@" >"$folder/events" 2>"$folder/errors"; then
        printf '\nfigures: %s failed:\n' "$config" >&2
        cat "$folder/errors" >&2
        exit 1
    fi
    printf '%s %s run seconds %s\n' "$group" "$unit" "$(awk -v a="$start" -v b="$(now)" 'BEGIN { print b - a }')" \
        >>"$folder/values"
    awk -v group="$group" -v unit="$unit" '
        /^\{"event":"run"/ {
            rest = substr($0, index($0, "\"tasks\":["))
            while (match(rest, /\{"name":"[^"]*","source":/)) {
                task[++tasks] = substr(rest, RSTART + 9, RLENGTH - 20)
                rest = substr(rest, RSTART + RLENGTH)
            }
        }
        /^\{"event":"eval"/ && /"split":"test"/ {
            rest = substr($0, index($0, "\"metric\":[") + 10)
            for (i = 1; i <= tasks && match(rest, /\{[^}]*\}/); i++) {
                pairs = split(substr(rest, RSTART + 1, RLENGTH - 2), pair, ",")
                rest = substr(rest, RSTART + RLENGTH)
                for (j = 1; j <= pairs; j++) {
                    split(pair[j], part, ":")
                    gsub(/"/, "", part[1])
                    if (part[2] ~ /^-?[0-9]/) print group, unit, task[i], part[1], part[2]
                }
            }
        }
    ' "$folder/events" >>"$folder/values"
}

begin=$SECONDS
for seed in $seeds; do
    measure digits "seed-$seed" "$seed" "$root/configs/digits.toml"
done
for ((fold = 0; fold < folds; fold++)); do
    split="data.split={ fold = $fold, of = $folds }"
    for seed in $seeds; do
        measure heart "fold-$fold" "$seed" "$root/configs/heart.toml" --set "$split"
        measure linear "fold-$fold" "$seed" "$root/configs/heart.toml" --set "$split" --set 'encoder.hidden=[]'
    done
done
if [ -n "$energy" ]; then
    for seed in $seeds; do
        measure energy "seed-$seed" "$seed" "$energy"
    done
fi
[ ! -t 2 ] || printf '\r\033[K' >&2

printf 'Test part. digits%s: over seeds %s. heart: over %s folds, each the mean of these seeds;\n' \
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
heart heart - diagnosis accuracy - -
heart heart - symptom accuracy - -
heart heart - heart_rate r2 - -
linear linear - diagnosis accuracy - -
linear linear - symptom accuracy - -
linear linear - heart_rate r2 - -
heart-linear heart linear diagnosis accuracy >= -0.03
heart-linear heart linear symptom accuracy >= -0.03
heart-linear heart linear heart_rate r2 >= -0.03
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
awk '
    function show(config, task, metric, mean, spread, least, most, bar, judged,    line) {
        line = sprintf("%-12s %-10s %-9s %9s %8s %9s %9s  %-17s %s", \
            config, task, metric, mean, spread, least, most, bar, judged)
        sub(/ +$/, "", line)
        print line
    }
    FILENAME == ARGV[1] {
        key = $1 SUBSEP $3 SUBSEP $4
        if (!((key, $2) in count)) unit[key, ++units[key]] = $2
        sum[key, $2] += $5
        count[key, $2]++
        next
    }
    FNR == 1 { show("config", "task", "metric", "mean", "spread", "least", "most", "bar", "") }
    {
        key = $2 SUBSEP $4 SUBSEP $5
        other = $3 SUBSEP $4 SUBSEP $5
        n = units[key] + 0
        total = squares = 0
        for (i = 1; i <= n; i++) {
            u = unit[key, i]
            x[i] = sum[key, u] / count[key, u]
            if ($3 != "-") x[i] -= sum[other, u] / count[other, u]
            total += x[i]
            if (i == 1 || x[i] < least) least = x[i]
            if (i == 1 || x[i] > most) most = x[i]
        }
        # A figure that is undefined in one run is no figure.
        if (n == 0 || n < units[$2, "run", "seconds"]) {
            show($1, $4, $5, "undefined", "-", "-", "-", "", "MISSED")
            missed = 1
            next
        }
        mean = total / n
        for (i = 1; i <= n; i++) squares += (x[i] - mean) ^ 2
        spread = n > 1 ? sprintf("%.4f", sqrt(squares / (n - 1))) : "-"
        bar = judged = ""
        if ($6 == ">=") { bar = "mean >= " $7; judged = mean >= $7 + 0 ? "reached" : "MISSED" }
        if ($6 == "most") { bar = "most <= " $7; judged = most <= $7 + 0 ? "reached" : "MISSED" }
        if (judged == "MISSED") missed = 1
        show($1, $4, $5, sprintf("%.4f", mean), spread, sprintf("%.4f", least), sprintf("%.4f", most), bar, judged)
    }
    END { exit missed }
' "$folder/values" "$folder/rows" || verdict=1

[ -n "$energy" ] || printf '\nenergy: not measured (name its configuration to do so)\n'
printf '\n%s seconds in all, %s.\n' "$((SECONDS - begin))" "$("$program" --version)"
exit "$verdict"
