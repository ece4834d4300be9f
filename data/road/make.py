#!/usr/bin/env python3
"""Makes data/road: drawn road scenes, 28x28 grey, with three labels each, as gzip IDX files in MNIST's form.

Needs Python 3 (standard library only). Run it from anywhere:

    python3 data/road/make.py

It rewrites the eight files beside itself, the same bytes each time, and prints the counts that README.md states.
"""

import collections
import gzip
import math
import os
import random
import struct

SEED = 20240608
FOLDER = os.path.dirname(os.path.abspath(__file__))
SIDE = 28
PARTS = [("train", 4000), ("test", 1000)]
SUB = 3  # each pixel of a shape is the mean of 3 x 3 points
HORIZON = 9.0
LEVELS = 8  # grey values are multiples of 8, which halves the files


def between(draws, low, high):
    return low + (high - low) * draws.random()


def either_way(draws):
    return -1 if draws.random() < 0.5 else 1


def apart(draws, grey, least, most):
    """A grey value that differs from `grey`, to the side with room for it."""
    way = either_way(draws)
    step = way * between(draws, least, most)
    return grey + step if 5 <= grey + step <= 250 else grey - step


def normal(draws):
    """A normal number from two uniform ones (Box and Muller)."""
    return math.sqrt(-2.0 * math.log(1.0 - draws.random())) * math.cos(2.0 * math.pi * draws.random())


def paint(picture, box, grey_at):
    """Paints `grey_at(x, y)` (None: see through) over the pixels of a box (left, top, right, bottom)."""
    left, top, right, bottom = box
    for row in range(max(0, math.floor(top)), min(SIDE, math.ceil(bottom))):
        for column in range(max(0, math.floor(left)), min(SIDE, math.ceil(right))):
            total = 0.0
            for down in range(SUB):
                for across in range(SUB):
                    grey = grey_at(column + (across + 0.5) / SUB, row + (down + 0.5) / SUB)
                    total += picture[row][column] if grey is None else grey
            picture[row][column] = total / SUB / SUB


def road_half_width(y):
    return 2.5 + 11.5 * (y - HORIZON) / (SIDE - HORIZON)


def background(draws):
    sky, grass, road = between(draws, 150, 230), between(draws, 70, 150), between(draws, 60, 130)
    line = road + between(draws, 15, 50)
    middle = between(draws, 13.0, 15.0)
    phase = draws.random()
    picture = []
    for row in range(SIDE):
        y, cells = row + 0.5, []
        for column in range(SIDE):
            x = column + 0.5
            if y < HORIZON:
                cells.append(sky - 2.0 * y)
            elif abs(x - middle) < road_half_width(y):
                dashed = abs(x - middle) < 0.5 and (row / 4 + phase) % 1 < 0.5
                cells.append(line if dashed else road)
            else:
                cells.append(grass)
        picture.append(cells)
    return picture, middle, road, grass


def vehicle(draws, picture, middle, road, slot):
    """One car in a slot: (lane -1 or 1, y of the wheels, height)."""
    lane, base, height = slot
    base += between(draws, -0.6, 0.6)
    height *= between(draws, 0.85, 1.1)
    half = height * between(draws, 0.55, 0.75)
    x = middle + lane * 0.52 * road_half_width(base) + between(draws, -0.5, 0.5)
    body = min(250.0, road + between(draws, 50, 120))
    glass = 0.4 * body
    cabin = base - height * between(draws, 0.45, 0.6)
    top, narrow = base - height, between(draws, 0.6, 0.95)

    def grey_at(px, py):
        side = abs(px - x)
        if py > base - height * 0.18:
            return 10.0 if half * 0.4 < side < half * 0.9 and py < base else None
        if py > cabin:
            return body if side < half else None
        if py > top and side < half * narrow:
            return glass if side < half * narrow * 0.8 and py > top + height * 0.2 else body
        return None

    paint(picture, (x - half, top, x + half, base), grey_at)


def sign(draws, picture, kind, x, y, radius):
    """A sign on a pole: 1 stop (octagon, a bright bar), 2 yield (triangle on its tip), 3 speed limit (ring)."""
    red, white = between(draws, 30, 90), between(draws, 190, 250)
    pole, foot = between(draws, 60, 110), y + radius + between(draws, 4, 7)
    paint(picture, (x - 0.5, y, x + 0.5, foot),
          lambda px, py: pole if abs(px - x) < 0.45 and y < py < foot else None)
    lean = between(draws, -0.12, 0.12)
    rim = radius * between(draws, 0.25, 0.4)

    def grey_at(px, py):
        dx, dy = px - x, py - y
        dx, dy = dx + lean * dy, dy - lean * dx
        if kind == 1:
            if max(abs(dx), abs(dy), (abs(dx) + abs(dy)) * 0.7071) > radius:
                return None
            return white if abs(dy) < radius * 0.25 and abs(dx) < radius * 0.7 else red
        if kind == 2:
            # Distance to the three sides of a triangle whose tip looks down; its inner circle has radius / 1.6.
            inner = radius / 1.6
            depth = inner - max(-dy - 0.2, 0.866 * abs(dx) + 0.5 * dy)
            if depth < 0:
                return None
            return red if depth < rim * 0.8 else white
        distance = math.hypot(dx, dy)
        if distance > radius:
            return None
        if distance > radius - rim:
            return red
        return 40.0 if abs(abs(dx) - radius * 0.25) < 0.3 and abs(dy) < radius * 0.4 else white

    paint(picture, (x - radius * 1.3, y - radius * 1.3, x + radius * 1.3, y + radius * 1.3), grey_at)


def pedestrian(draws, picture, grass, x, base, height):
    coat, head = apart(draws, grass, 60, 110), apart(draws, grass, 40, 100)
    stride = between(draws, 0.0, 0.2) * height
    lean = between(draws, -0.08, 0.08)

    def grey_at(px, py):
        up = (base - py) / height
        dx = px - x - lean * up * height
        if up > 0.78:
            return head if math.hypot(dx, (up - 0.89) * height) < 0.13 * height else None
        if up > 0.4:
            return coat if abs(dx) < 0.16 * height else None
        if up > 0:
            return coat if abs(abs(dx) - stride * (0.4 - up) * 2.5) < 0.08 * height else None
        return None

    paint(picture, (x - height * 0.4, base - height, x + height * 0.4, base), grey_at)


def tree(draws, picture, x, base, height):
    """Not labelled: it stands where signs and people stand."""
    leaves, trunk = between(draws, 40, 120), between(draws, 30, 80)
    wide = height * between(draws, 0.2, 0.35)

    def grey_at(px, py):
        up = (base - py) / height
        if up > 0.4:
            return leaves if math.hypot((px - x) / wide, (up - 0.7) / 0.3) < 1 else None
        return trunk if up > 0 and abs(px - x) < 0.6 else None

    paint(picture, (x - wide - 1, base - height, x + wide + 1, base), grey_at)


def scene(draws):
    """(784 grey values, vehicles, sign, pedestrian)."""
    picture, middle, road, grass = background(draws)
    vehicles = int(draws.random() * 5)
    kind = int(draws.random() * 4)
    person = int(draws.random() * 2)
    sides = [-1, 1] if draws.random() < 0.5 else [1, -1]

    if draws.random() < 0.5:
        tree(draws, picture, middle + sides[1] * between(draws, 8, 12), between(draws, 12, 16), between(draws, 7, 11))
    if kind:
        sign(draws, picture, kind, middle + sides[0] * between(draws, 8.0, 10.0), between(draws, 4.5, 9.0),
             between(draws, 2.6, 3.8))
    slots = [(lane, base, height) for base, height in [(13.6, 3.8), (19.0, 4.8), (26.0, 6.2)] for lane in (-1, 1)]
    for last in range(len(slots) - 1, 0, -1):
        other = int(draws.random() * (last + 1))
        slots[last], slots[other] = slots[other], slots[last]
    taken = sorted(slots[:vehicles], key=lambda slot: slot[1])  # what is far is painted first
    for slot in taken:
        vehicle(draws, picture, middle, road, slot)
    if person:
        base = between(draws, 17, 24)
        x = middle + either_way(draws) * min(12.0, road_half_width(base) + between(draws, 0.5, 3.0))
        pedestrian(draws, picture, grass, x, base, between(draws, 8.0, 11.0))

    if draws.random() < 0.25:  # something before the camera hides a part
        wide, high = between(draws, 2, 5), between(draws, 4, 9)
        left, top, grey = between(draws, 0, SIDE - wide), between(draws, 3, SIDE - high), between(draws, 20, 220)
        paint(picture, (left, top, left + wide, top + high),
              lambda px, py: grey if left < px < left + wide and top < py < top + high else None)

    fog, light, shift = between(draws, 0.0, 0.3), between(draws, 0.6, 1.15), between(draws, -15, 15)
    rough = between(draws, 3.0, 10.0)
    values = []
    for cells in picture:
        for grey in cells:
            grey = (grey + fog * (170.0 - grey)) * light + shift + rough * normal(draws)
            values.append(min(255 // LEVELS * LEVELS, max(0, int(grey / LEVELS + 0.5) * LEVELS)))
    return bytes(values), vehicles, kind, person


def write_idx(name, sizes, values):
    """IDX: two zero bytes, type 8 (unsigned byte), the number of axes, each axis as big-endian u32, the values."""
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(struct.pack(f">HBB{len(sizes)}I", 0, 8, len(sizes), *sizes) + values)
    return os.path.getsize(path)


def main():
    draws = random.Random(SEED)
    total = 0
    for part, count in PARTS:
        scenes = [scene(draws) for _ in range(count)]
        total += write_idx(f"{part}-images-idx3-ubyte.gz", [count, SIDE, SIDE], b"".join(row[0] for row in scenes))
        for at, label in [(1, "vehicles"), (2, "sign"), (3, "pedestrian")]:
            values = bytes(row[at] for row in scenes)
            total += write_idx(f"{part}-{label}-idx1-ubyte.gz", [count], values)
            print(part, label, sorted(collections.Counter(values).items()))
    print("bytes in the eight files", total)


if __name__ == "__main__":
    main()
