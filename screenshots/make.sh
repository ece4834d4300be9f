#!/usr/bin/env bash
# Makes the pictures beside this script, and two of the tutorial's, from real runs of built-in examples: `digits`, steered
# while it trains, and `driving`, paused where its tasks pull apart.
#
#     cargo build --release --locked && screenshots/make.sh
#
# The program is $TRIMTAB, else target/release/trimtab of this checkout, else the one in PATH.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=${TRIMTAB:-$here/../target/release/trimtab}
[ -x "$program" ] || program=trimtab
runs=$(mktemp -d)
training=
trap '[ -z "$training" ] || kill "$training" 2>/dev/null || true; rm -rf "$runs"' EXIT

step() { "$program" show latest --out "$runs" --json 2>/dev/null | sed -n 's/^  "step": \([0-9]*\),$/\1/p'; }
steer() { "$program" send latest --out "$runs" "$@" >/dev/null; }
picture() { "$program" screenshot latest --out "$runs" "$@"; }
later() { steer --no-wait --at-step "$@"; }

"$program" train digits --headless --out "$runs" --name digits >"$runs/log" 2>&1 &
training=$!
until steer pause 2>/dev/null; do sleep 0.05; done

# While it waits, all that a person would do by hand is put into its mailbox.
steer pace 200
later 400 weight digit 3 over 200
later 700 mute ink
later 1000 unmute ink
later 1150 note ink forgets and relearns
later 1300 weight parity 0.25
steer resume

reached() { local now; now=$(step); [ "${now:-0}" -ge "$1" ]; }
wait_for() {
    until reached "$1"; do
        kill -0 "$training" || { cat "$runs/log" >&2; exit 1; }
        sleep 0.1
    done
}
wait_for 1600
picture --size 120x40 --to "$here/dashboard.png"
picture --size 80x24 --to "$here/tabs.png"
picture --size 80x24 --light --to "$here/light.png"
picture --size 40x12 --to "$here/small.png"
finish() {
    steer stop
    wait "$training"
    training=
}
finish

# At step 300 the sum of the gradients goes against one of the three tasks. The chooser opens for a run that trains only.
"$program" train driving --headless --set train.steps=600 --out "$runs" --name driving >"$runs/log" 2>&1 &
training=$!
until later 300 set balance.probe true 2>/dev/null; do sleep 0.05; done
later 301 pause
wait_for 300
sleep 1
picture --size 120x40 --keys "B" --to "$here/balance.png"
picture --size 100x16 --keys "a" --to "$here/samples.png"
picture --size 100x20 --keys "B B z" --to "$here/../docs/pictures/methods.png"
picture --size 104x26 --keys "b down down" --to "$here/../docs/pictures/chooser.png"
finish
