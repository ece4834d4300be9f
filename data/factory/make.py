#!/usr/bin/env python3
"""Makes data/factory: a simulated process with three targets, one of them with missing labels.

Needs Python 3 (standard library only). Run it from anywhere:

    python3 data/factory/make.py

It rewrites factory.csv beside itself, the same bytes each time, and prints the planted references of README.md:
how well the generating function itself, without its noise, would score.
"""

import csv
import math
import os
import random

SEED = 20240609
FOLDER = os.path.dirname(os.path.abspath(__file__))
ROWS, TEST_ROWS = 3000, 750
MISSING_ENERGY = 0.30
QUALITY_NOISE, ENERGY_NOISE = 2.7, 3.5

MACHINES = [("press_a", 0.40, 0.0, 1.0), ("press_b", 0.35, 1.5, 1.15), ("press_c", 0.25, -2.5, 0.9)]  # share, shift, load
MATERIALS = [("resin", 0.45, 205.0), ("nylon", 0.30, 225.0), ("recycled", 0.25, 195.0)]  # share, best melt in degrees


def normal(draws):
    """A normal number from two uniform ones (Box and Muller)."""
    return math.sqrt(-2.0 * math.log(1.0 - draws.random())) * math.cos(2.0 * math.pi * draws.random())


def pick(draws, choices):
    point = draws.random()
    for choice in choices:
        point -= choice[1]
        if point < 0:
            return choice
    return choices[-1]


def logistic(x):
    return 1.0 / (1.0 + math.exp(-x))


def measure(draws):
    """The ten sensors, rounded as they are written, so that the truth below sees what a model sees."""
    room = 22.0 + 4.0 * normal(draws)
    humidity = min(95.0, max(10.0, 48.0 + 14.0 * normal(draws) - 0.8 * (room - 22.0)))
    hours = 400.0 * draws.random()  # since the last service
    return {
        "melt_temperature_c": round(208.0 + 12.0 * normal(draws), 1),
        "mould_temperature_c": round(60.0 + 0.5 * (room - 22.0) + 6.0 * normal(draws), 1),
        "pressure_bar": round(900.0 + 110.0 * normal(draws), 0),
        "cycle_s": round(max(12.0, 24.0 + 3.5 * normal(draws)), 2),
        "screw_rpm": round(120.0 + 18.0 * normal(draws), 0),
        "vibration_mm_s": round(math.exp(0.4 + 0.0018 * hours + 0.35 * normal(draws)), 3),
        "hours_since_service": round(hours, 1),
        "coolant_l_min": round(max(2.0, 9.0 + 1.6 * normal(draws)), 2),
        "humidity_percent": round(humidity, 1),
        "room_temperature_c": round(room, 1),
    }


def truth(row, machine, material):
    """(quality, probability of a fault, energy), all without noise."""
    melt_off = (row["melt_temperature_c"] - material[2]) / 12.0
    pressure = (row["pressure_bar"] - 900.0) / 110.0
    cycle = (row["cycle_s"] - 24.0) / 3.5
    cooling = (row["coolant_l_min"] - 9.0) / 1.6
    wear = row["hours_since_service"] / 400.0
    damp = max(0.0, row["humidity_percent"] - 55.0) / 14.0
    shake = row["vibration_mm_s"] / 3.0
    speed = (row["screw_rpm"] - 120.0) / 18.0

    quality = (82.0 + machine[2] - 2.2 * melt_off * melt_off - 1.5 * (pressure - 0.6 * melt_off) ** 2 + 3.0 * math.tanh(cycle)
               - 3.2 * wear * shake - (4.5 if material[0] == "nylon" else 1.2) * damp + 1.4 * cooling
               - 0.05 * abs(row["mould_temperature_c"] - 62.0) ** 1.5)

    overheat = max(0.0, melt_off - 0.5) * max(0.0, 0.8 - cooling)
    worn = 4.2 * max(0.0, wear - 0.45) * max(0.0, shake - 0.7)
    jam = max(0.0, pressure - 0.4) * max(0.0, speed) * (1.8 if material[0] == "recycled" else 0.7)
    fault = logistic(-6.6 + 1.7 * overheat + 2.0 * worn + 1.5 * jam + 0.8 * max(0.0, -cooling) * machine[3])

    energy = (machine[3] * (38.0 + 5.0 * melt_off + 6.0 * pressure + 3.5 * speed) + 2.5 * cycle + 0.9 * melt_off * melt_off
              + 5.0 * wear * shake + 1.2 * pressure * speed - 0.5 * (row["room_temperature_c"] - 22.0)
              + (material[2] - 205.0) / 3.0 + 1.0 * cooling)
    return quality, fault, energy


def r2(actual, expected):
    mean = sum(actual) / len(actual)
    return 1.0 - sum((a - e) ** 2 for a, e in zip(actual, expected)) / sum((a - mean) ** 2 for a in actual)


def auroc(labels, scores):
    """The share of (fault, no fault) pairs in the right order; ties count half."""
    yes = [score for label, score in zip(labels, scores) if label]
    no = [score for label, score in zip(labels, scores) if not label]
    return sum((y > n) + 0.5 * (y == n) for y in yes for n in no) / (len(yes) * len(no))


def average_precision(labels, scores):
    """The mean, over the faults, of the precision down to that fault."""
    hits, total = 0, 0.0
    for rank, (_, label) in enumerate(sorted(zip(scores, labels), key=lambda pair: -pair[0]), 1):
        if label:
            hits += 1
            total += hits / rank
    return total / hits


def correlation(left, right):
    a, b = sum(left) / len(left), sum(right) / len(right)
    top = sum((x - a) * (y - b) for x, y in zip(left, right))
    return top / math.sqrt(sum((x - a) ** 2 for x in left) * sum((y - b) ** 2 for y in right))


def main():
    draws = random.Random(SEED)
    order = list(range(ROWS))
    for last in range(ROWS - 1, 0, -1):
        other = int(draws.random() * (last + 1))
        order[last], order[other] = order[other], order[last]
    test = set(order[:TEST_ROWS])

    rows = []
    for number in range(ROWS):
        machine, material = pick(draws, MACHINES), pick(draws, MATERIALS)
        row = measure(draws)
        clean = truth(row, machine, material)
        quality = round(clean[0] + QUALITY_NOISE * normal(draws), 2)
        fault = draws.random() < clean[1]
        energy = round(clean[2] + ENERGY_NOISE * normal(draws), 2)
        missing = draws.random() < MISSING_ENERGY
        rows.append((row, machine[0], material[0], quality, fault, energy, missing,
                     "test" if number in test else "train", clean))

    with open(os.path.join(FOLDER, "factory.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*rows[0][0], "machine", "material", "quality", "fault", "energy", "split"])
        for row, machine, material, quality, fault, energy, missing, part, _ in rows:
            writer.writerow([*row.values(), machine, material, quality, "yes" if fault else "no",
                             "" if missing else energy, part])

    for part in ["train", "test"]:
        here = [row for row in rows if row[7] == part]
        known = [row for row in here if not row[6]]
        faults = [row[4] for row in here]
        chance = [row[8][1] for row in here]
        print(part, "rows", len(here), "faults", sum(faults), "energy known", len(known))
        print("  quality: R2 of the truth", round(r2([r[3] for r in here], [r[8][0] for r in here]), 3))
        print("  energy: R2 of the truth", round(r2([r[5] for r in known], [r[8][2] for r in known]), 3))
        print("  fault: AUROC of the true probability", round(auroc(faults, chance), 3),
              "average precision", round(average_precision(faults, chance), 3),
              "base rate", round(sum(faults) / len(here), 3))
    print("correlation of quality and energy", round(correlation([r[3] for r in rows], [r[5] for r in rows]), 3))
    print("bytes", os.path.getsize(os.path.join(FOLDER, "factory.csv")))


if __name__ == "__main__":
    main()
