# shellcheck shell=bash
# What figures.sh and evidence.sh share: finds the program, trains once, makes a table of what came out. Sourced, not run;
# wants `root` (the repository) and `usage` (says what is wrong and ends). Gives:
#   $program          the program, from TRIMTAB, the PATH or target/release
#   $folder           a folder that is gone afterwards; $folder/values gathers what was measured
#   measure           trains once
#   quiet             clears the line that says what is being trained
#   table             prints $folder/rows, filled in from $folder/values

program=${TRIMTAB:-$(command -v trimtab || printf '%s' "$root/target/release/trimtab")}
command -v "$program" >/dev/null || usage "no program $program: build it, or name it in TRIMTAB"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
: >"$folder/values"

quiet() { [ ! -t 2 ] || printf '\r\033[K' >&2; }

# Seconds since 1970; whole ones where bash is older than 5.
now() { printf '%s' "${EPOCHREALTIME:-$(date +%s)}"; }

# measure GROUP UNIT SEED CONFIG [--set KEY=VALUE]...: trains once and appends `group unit task metric value` for the loss
# and each metric of the test part, the seconds it took, and the step it was measured at. Words without blanks. What counts
# as one observation is the unit: a seed, or a fold.
measure() {
    local group=$1 unit=$2 seed=$3 config=$4 start
    shift 4
    [ ! -t 2 ] || printf '\r\033[K%s: %s, seed %s' "$group" "$unit" "$seed" >&2
    start=$(now)
    if ! "$program" train "$config" --json --no-record --seed "$seed" "$@" >"$folder/events" 2>"$folder/errors"; then
        printf '\n%s: %s failed:\n' "$(basename "$0" .sh)" "$config" >&2
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
            match($0, /"step":[0-9]+/)
            print group, unit, "run", "step", substr($0, RSTART + 7, RLENGTH - 7)
            rest = substr($0, index($0, "\"loss\":[") + 8)
            split(substr(rest, 1, index(rest, "]") - 1), loss, ",")
            for (i = 1; i <= tasks; i++) if (loss[i] ~ /^-?[0-9]/) print group, unit, task[i], "loss", loss[i]
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

# Prints $folder/rows, one line each: label, group, group subtracted or -, task, metric, bound (>=, most or -), bar.
# Fails where a bar is missed, or where a figure is undefined in one run.
table() {
    awk '
    function show(config, task, metric, mean, spread, least, most, bar, judged,    line) {
        line = sprintf("%-*s %-*s %-*s %9s %8s %9s %9s  %-17s %s", \
            width[1], config, width[4], task, width[5], metric, mean, spread, least, most, bar, judged)
        sub(/ +$/, "", line)
        print line
    }
    function figure(value) { return sprintf(value >= 100 ? "%.1f" : "%.4f", value) }
    function widest(column, text) { if (length(text) > width[column]) width[column] = length(text) }
    BEGIN { width[1] = 12; width[4] = 10; width[5] = 9 }
    pass == 0 {
        widest(1, $1)
        widest(4, $4)
        widest(5, $5)
        next
    }
    pass == 1 {
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
        spread = n > 1 ? figure(sqrt(squares / (n - 1))) : "-"
        bar = judged = ""
        if ($6 == ">=") { bar = "mean >= " $7; judged = mean >= $7 + 0 ? "reached" : "MISSED" }
        if ($6 == "most") { bar = "most <= " $7; judged = most <= $7 + 0 ? "reached" : "MISSED" }
        if (judged == "MISSED") missed = 1
        show($1, $4, $5, figure(mean), spread, figure(least), figure(most), bar, judged)
    }
    END { exit missed }
    ' pass=0 "$folder/rows" pass=1 "$folder/values" pass=2 "$folder/rows"
}
