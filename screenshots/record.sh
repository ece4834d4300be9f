#!/usr/bin/env bash
# Records the runs under `screenshots/runs` that the pictures are made from: `digits`, steered while it trains, and
# `driving`, paused where its tasks pull apart. Needed again only when an example, the trainer or the contract changes;
# then make the pictures again with `screenshots/make.sh`.
#
#     cargo build --release --locked && screenshots/record.sh
#
# The program is $TRIMTAB, else target/release/trimtab of this checkout.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=${TRIMTAB:-$here/../target/release/trimtab}
runs=$(mktemp -d)
training=
trap '[ -z "$training" ] || kill "$training" 2>/dev/null || true; rm -rf "$runs"' EXIT

# What a person would do by hand is put into the mailbox while the run waits at its start, so that it acts at the same
# steps in each recording.
begin() {
    name=$1
    shift
    "$program" train "$name" --headless --out "$runs" --name "$name" "$@" >"$runs/log" 2>&1 &
    training=$!
    until "$program" send latest --out "$runs" pause >/dev/null 2>&1; do
        kill -0 "$training" || { cat "$runs/log" >&2; exit 1; }
        sleep 0.05
    done
}
steer() { "$program" send latest --out "$runs" "$@" >/dev/null; }
later() { steer --no-wait --at-step "$@"; }

# Waits for a line of the record, stops the run, and keeps what comes before another line: the pictures' moment.
keep() {
    local recorded line=$1 end=$2
    recorded=$(echo "$runs/$name"-*)
    until grep -q "$line" "$recorded/events.jsonl"; do
        kill -0 "$training" || { cat "$runs/log" >&2; exit 1; }
        sleep 0.2
    done
    sleep 1
    steer stop
    wait "$training" || { cat "$runs/log" >&2; exit 1; }
    training=
    rm -rf "${here:?}/runs/$name"
    mkdir -p "$here/runs/$name"
    sed -E "/$end/"',$d; 1s/("host":)"[^"]*"/\1"host"/; 1s/("pid":)[0-9]+/\11/' "$recorded/events.jsonl" | gzip -9n >"$here/runs/$name/events.jsonl.gz"
    cp "$recorded/config.toml" "$here/runs/$name/"
    # At that moment the run was not over; and the recording machine's name and process are nobody's business.
    sed -E 's/("end": )"[^"]*"/\1null/; s/("status": )"[^"]*"/\1"running"/
        s/("host": )"[^"]*"/\1"host"/; s/("pid": )[0-9]+/\11/' "$recorded/run.json" >"$here/runs/$name/run.json"
    rm -rf "$recorded"
}

begin digits
steer pace 200
later 400 weight digit 3 over 200
later 700 mute ink
later 1000 unmute ink
later 1150 note ink forgets and relearns
later 1300 weight parity 0.25
steer resume
keep '"event":"step","step":1601,' '"event":"step","step":1601,'

# At step 300 the sum of the gradients goes against one of the three tasks.
begin driving --set train.steps=600
later 300 set balance.probe true
later 301 pause
steer resume
keep '"event":"applied","step":301,.*{"pause"' '"event":"applied",.*{"stop"'
du -sh "$here/runs"
