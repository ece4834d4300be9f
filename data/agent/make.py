#!/usr/bin/env python3
"""Makes data/agent: short utterances to a voice assistant, their sentiment, their reply and the speech.

Needs Python 3 (standard library only) and the program espeak-ng. Run it from anywhere:

    python3 data/agent/make.py

It rewrites wav/, agent.csv, unseen.csv and sentences.csv beside itself, the same bytes each time
(for one version of espeak-ng), and prints the counts that README.md states.
"""

import collections
import csv
import io
import math
import operator
import os
import random
import re
import subprocess
import sys
import wave

SEED = 20240607
FOLDER = os.path.dirname(os.path.abspath(__file__))

# ---------------------------------------------------------------- the grammar

STATE_ON = {
    "radio": "playing", "music": "playing", "heater": "warm", "kettle": "hot", "oven": "hot",
    "robot": "working", "camera": "recording", "lamp": "bright",
    "shower": "running",
}
STATE_OFF = {
    "radio": "quiet", "music": "quiet", "heater": "cold", "kettle": "cold", "oven": "cold",
    "robot": "resting", "camera": "dark", "lamp": "dark", "shower": "dry",
}
STATE_SHUT = {"window": "closed", "door": "locked", "garage": "locked"}
WHERE = {
    "radio": "in the hall", "music": "on the phone", "heater": "in the cellar",
    "kettle": "on the table", "oven": "beside the sink", "robot": "in the corner",
    "camera": "on the shelf", "lamp": "on the shelf",
    "shower": "in the hall", "window": "beside the sink",
    "door": "in the corner", "garage": "behind the house",
}
OBJECTS = list(WHERE)
PLACES = ["kitchen", "bedroom", "office"]
LOOKS = ["new", "old", "small"]
GOOD = ["great", "perfect", "nice"]
BAD = ["awful", "bad", "broken", "boring"]


def verbs_of(thing):
    """The verbs that make sense with a thing."""
    verbs = ["start", "stop"] if thing in STATE_ON else ["open", "close"]
    verbs += ["find", "check"]
    if thing != "music":
        verbs.append("clean")
    return verbs


def answer(intent, thing, sentiment, place="", look=""):
    """The reply: fixed by intent, thing and sentiment; it names the place or the look again."""
    the_thing = " ".join(word for word in ["the", place, thing] if word)
    body = {
        "start": lambda: f"{the_thing} is {STATE_ON[thing]} now",
        "stop": lambda: f"{the_thing} is {STATE_OFF[thing]} now",
        "open": lambda: f"{the_thing} is open now",
        "close": lambda: f"{the_thing} is {STATE_SHUT[thing]} now",
        "find": lambda: f"your {thing} is {WHERE[thing]}",
        "check": lambda: f"{the_thing} looks fine today",
        "clean": lambda: f"i will clean {the_thing} soon",
        "describe": lambda: f"noted {the_thing} is {look}",
        "like": lambda: f"glad you like {the_thing}",
        "praise": lambda: f"it is good that {the_thing} works",
        "dislike": lambda: f"sorry we can replace {the_thing}",
        "complain": lambda: f"sorry i must repair {the_thing}",
    }[intent]()
    if intent in ("like", "praise", "dislike", "complain", "describe"):
        return body
    return {"positive": "gladly ", "neutral": "", "negative": "sorry "}[sentiment] + body


def grammar():
    """All sentences: (text, sentiment, reply, intent, thing)."""
    found = {}

    def add(text, sentiment, intent, thing, place="", look=""):
        reply = answer(intent, thing, sentiment, place, look)
        found.setdefault(text, (text, sentiment, reply, intent, thing))

    for thing in OBJECTS:
        for verb in verbs_of(thing):
            add(f"{verb} {thing}", "neutral", verb, thing)
            add(f"please {verb} {thing}", "neutral", verb, thing)
            add(f"{verb} {thing} now", "neutral", verb, thing)
            add(f"{verb} {thing} thanks", "positive", verb, thing)
            add(f"{verb} the {thing}", "neutral", verb, thing)
            add(f"{verb} my {thing}", "neutral", verb, thing)
            add(f"please {verb} the {thing}", "neutral", verb, thing)
            add(f"{verb} the {thing} now", "neutral", verb, thing)
            add(f"thanks {verb} the {thing}", "positive", verb, thing)
            add(f"{verb} the {thing} thanks", "positive", verb, thing)
            for word in GOOD:
                add(f"{verb} {word} {thing}", "positive", verb, thing)
                add(f"{verb} my {word} {thing}", "positive", verb, thing)
                add(f"{verb} this {word} {thing}", "positive", verb, thing)
            for word in BAD:
                add(f"{verb} {word} {thing}", "negative", verb, thing)
                add(f"{verb} my {word} {thing}", "negative", verb, thing)
                add(f"{verb} this {word} {thing}", "negative", verb, thing)
            if verb != "find":
                for place in PLACES:
                    add(f"{verb} {place} {thing}", "neutral", verb, thing, place)
                    add(f"{verb} the {place} {thing}", "neutral", verb, thing, place)
                    add(f"{verb} {place} {thing} thanks", "positive", verb, thing, place)
        add(f"where is the {thing}", "neutral", "find", thing)
        add(f"where is my {thing}", "neutral", "find", thing)
        add(f"is the {thing} ready", "neutral", "check", thing)
        add(f"is my {thing} ready", "neutral", "check", thing)
        for place in PLACES:
            add(f"is {place} {thing} ready", "neutral", "check", thing, place)
        add(f"where is {thing}", "neutral", "find", thing)
        for look in LOOKS:
            if (look, thing) != ("small", "music"):
                add(f"{thing} is {look}", "neutral", "describe", thing, look=look)
                add(f"this {thing} is {look}", "neutral", "describe", thing, look=look)
                add(f"my {thing} is {look}", "neutral", "describe", thing, look=look)
        for start, sentiment, intent in [("love", "positive", "like"), ("hate", "negative", "dislike")]:
            add(f"{start} {thing}", sentiment, intent, thing)
            add(f"{start} this {thing}", sentiment, intent, thing)
            add(f"{start} my {thing}", sentiment, intent, thing)
            for look in LOOKS:
                if (look, thing) != ("small", "music"):
                    add(f"{start} my {look} {thing}", sentiment, intent, thing)
            for place in PLACES:
                add(f"{start} the {place} {thing}", sentiment, intent, thing, place)
        for words, sentiment, intent in [(GOOD, "positive", "praise"), (BAD, "negative", "complain")]:
            for word in words:
                add(f"{word} {thing}", sentiment, intent, thing)
                add(f"{thing} is {word}", sentiment, intent, thing)
                add(f"this {thing} is {word}", sentiment, intent, thing)
                add(f"my {thing} is {word}", sentiment, intent, thing)
                for place in PLACES:
                    add(f"{place} {thing} is {word}", sentiment, intent, thing, place)
    return list(found.values())


# ---------------------------------------------------------------- choice and split

SENTENCES_EACH = 116  # of each sentiment
FILLERS = ("the", "is")  # their number is not steered
LENGTHS = [(2, 0.25), (3, 0.5), (4, 0.25)]  # words a sentence and their shares
VALID_SENTENCES = 45
TEST_SENTENCES = 60
SENTIMENTS = ["negative", "neutral", "positive"]


def shuffled(draws, items):
    """A shuffled copy; uses only `random()`, which Python keeps the same from version to version."""
    items = list(items)
    for last in range(len(items) - 1, 0, -1):
        other = int(draws.random() * (last + 1))
        items[last], items[other] = items[other], items[last]
    return items


def choose(draws, everything):
    """Picks sentences one by one, each time the one with the rarest words and the rarest meaning."""
    words, meanings, chosen = collections.Counter(), collections.Counter(), []
    left = {name: shuffled(draws, [row for row in everything if row[1] == name]) for name in SENTIMENTS}
    lengths = {name: collections.Counter() for name in SENTIMENTS}
    for done in range(1, SENTENCES_EACH + 1):
        for name in SENTIMENTS:
            length = max(LENGTHS, key=lambda pair: pair[1] * done - lengths[name][pair[0]])[0]
            lengths[name][length] += 1

            def price(row):
                spoken = row[0].split()
                telling = [words[word] for word in spoken if word not in FILLERS]
                return sum(telling) / len(telling) + 2.0 * min(telling) + 2.0 * meanings[row[3], row[4]]
            best = min((row for row in left[name] if len(row[0].split()) == length), key=price)
            left[name].remove(best)
            chosen.append(best)
            words.update(best[0].split())
            meanings[best[3], best[4]] += 1
    return chosen


def split(draws, chosen):
    """Sentence -> part. A sentence held out has its (intent, thing) and all its words in training."""
    meanings = collections.Counter((row[3], row[4]) for row in chosen)
    words = collections.Counter(word for row in chosen for word in row[0].split())
    part = {row[0]: "train" for row in chosen}
    for name, wanted in [("test", TEST_SENTENCES), ("valid", VALID_SENTENCES)]:
        for sentiment in SENTIMENTS:
            taken = 0
            for row in shuffled(draws, chosen):
                spoken = row[0].split()
                if (taken < wanted // 3 and row[1] == sentiment and part[row[0]] == "train"
                        and meanings[row[3], row[4]] >= 2 and all(words[word] >= 10 for word in spoken)):
                    part[row[0]] = name
                    meanings[row[3], row[4]] -= 1
                    words.subtract(spoken)
                    taken += 1
            if taken != wanted // 3:
                sys.exit(f"only {taken} {sentiment} sentences found for {name}")
    return part


# ---------------------------------------------------------------- speech

TRAINED_VOICES = [
    "en-us+m1", "en-us+f1", "en-us+m3", "en-us+f2", "en-gb+m2", "en-gb+f1", "en-gb+m7", "en-gb-x-rp+f2",
]
UNSEEN_VOICES = ["en-us+f3", "en-gb+m6", "en-gb-scotland+m3"]
UNSEEN_CLIPS = 42
SPEEDS = [175, 185, 195, 205]  # words a minute
PITCHES = [38, 44, 50, 56, 62]  # espeak-ng's scale, 0 to 99
RATE_IN, RATE_OUT = 22050, 8000
UP, DOWN = 160, 441  # 22050 * 160 / 441 = 8000
HALF = 32  # taps on each side, in samples of the input
CUTOFF = 3700.0  # hertz


def low_pass():
    """The taps for each of the 160 phases: a windowed sinc (Blackman), in whole numbers of 1/32768."""
    phases = []
    for phase in range(UP):
        taps = []
        for step in range(-HALF + 1, HALF + 1):
            x = step - phase / UP
            width = 2.0 * CUTOFF / RATE_IN
            sinc = width if x == 0 else math.sin(math.pi * width * x) / (math.pi * x)
            turn = math.pi * x / HALF
            window = 0.42 + 0.5 * math.cos(turn) + 0.08 * math.cos(2 * turn) if abs(x) < HALF else 0.0
            taps.append(round(sinc * window * 32768))
        phases.append(taps)
    return phases


PHASES = low_pass()


def resample(samples):
    """22.05 kHz to 8 kHz in whole numbers, so that no rounding of floats can differ between machines."""
    padded = [0] * HALF + samples + [0] * (HALF + 1)
    out = []
    for index in range(len(samples) * UP // DOWN):
        whole, phase = divmod(index * DOWN, UP)
        out.append(sum(map(operator.mul, PHASES[phase], padded[whole + 1:whole + 1 + 2 * HALF])) // 32768)
    return out


def speak(text, voice, speed, pitch):
    """One clip as unsigned 8-bit samples at 8 kHz: trimmed, its peak at 120 of 127."""
    sound = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", text],
        check=True, stdout=subprocess.PIPE).stdout
    start = sound.index(b"data") + 8  # espeak-ng does not know the length when it writes the header
    raw = sound[start:len(sound) - (len(sound) - start) % 2]
    samples = [int.from_bytes(raw[at:at + 2], "little", signed=True) for at in range(0, len(raw), 2)]
    samples = resample(samples)
    peak = max(map(abs, samples))
    loud = [at for at, value in enumerate(samples) if abs(value) * 40 > peak]
    margin = RATE_OUT // 100
    samples = samples[max(0, loud[0] - margin):loud[-1] + 1 + margin]
    return bytes(128 + (value * 240 + peak) // (2 * peak) for value in samples)


def write_wav(path, samples):
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE_OUT)
        file.writeframes(samples)


# ---------------------------------------------------------------- files

def write_csv(name, header, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    with open(os.path.join(FOLDER, name), "w", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())


def clips_of(draws, chosen, part):
    """The clips in order: (row, voice, speed, pitch, kind)."""
    clips = []

    def manner():
        return SPEEDS[int(draws.random() * len(SPEEDS))], PITCHES[int(draws.random() * len(PITCHES))]

    deck = []

    def next_voice(avoid):
        nonlocal deck
        if not deck:
            deck = shuffled(draws, TRAINED_VOICES)
        at = next((at for at, voice in enumerate(deck) if voice != avoid), None)
        if at is None:
            deck += shuffled(draws, TRAINED_VOICES)
            at = next(at for at, voice in enumerate(deck) if voice != avoid)
        return deck.pop(at)

    for name in ["train", "valid", "test"]:
        for row in shuffled(draws, [row for row in chosen if part[row[0]] == name]):
            before, speed_before = None, None
            for _ in range(2 if name == "train" else 1):
                voice = next_voice(before)
                speed, pitch = manner()
                while speed == speed_before:
                    speed, pitch = manner()
                clips.append((row, voice, speed, pitch, "trained voice"))
                before, speed_before = voice, speed
    by_sentiment = [shuffled(draws, [row for row in chosen if part[row[0]] == "test" and row[1] == name])
                    for name in SENTIMENTS]
    for turn in range(UNSEEN_CLIPS):
        row = by_sentiment[turn % 3][turn // 3]
        speed, pitch = manner()
        clips.append((row, UNSEEN_VOICES[turn // 3 % len(UNSEEN_VOICES)], speed, pitch, "unseen voice"))
    return clips


def main():
    draws = random.Random(SEED)
    everything = grammar()
    chosen = choose(draws, everything)
    part = split(draws, chosen)
    order = {"train": 0, "valid": 1, "test": 2}
    rows = sorted(((row[0], row[1], row[2], part[row[0]]) for row in chosen), key=lambda row: (order[row[3]], row[0]))
    write_csv("sentences.csv", ["text", "sentiment", "reply", "split"], rows)

    clips = clips_of(draws, chosen, part)
    os.makedirs(os.path.join(FOLDER, "wav"), exist_ok=True)
    for name in os.listdir(os.path.join(FOLDER, "wav")):
        if re.fullmatch(r"\d{4}\.wav", name):
            os.remove(os.path.join(FOLDER, "wav", name))
    tables = {"trained voice": [], "unseen voice": []}
    seconds = collections.defaultdict(list)
    spoken = collections.Counter()
    tightest = 9.9
    for number, (row, voice, speed, pitch, kind) in enumerate(clips, 1):
        samples = speak(row[0], voice, speed, pitch)
        path = f"wav/{number:04}.wav"
        write_wav(os.path.join(FOLDER, path), samples)
        tables[kind].append([path, row[0], row[1], row[2], voice, speed, kind, part[row[0]]])
        seconds[kind, part[row[0]]].append(len(samples) / RATE_OUT)
        tightest = min(tightest, len(samples) / RATE_OUT / len(row[0]))
        if part[row[0]] == "train":
            spoken.update(row[0].split())
    header = ["path", "text", "sentiment", "reply", "voice", "speed", "kind", "split"]
    write_csv("agent.csv", header, tables["trained voice"])
    write_csv("unseen.csv", header, tables["unseen voice"])

    # ------------------------------------------------------------ report
    version = subprocess.run(["espeak-ng", "--version"], stdout=subprocess.PIPE).stdout.decode().split("  ")[0]
    print(version)
    print("possible sentences", len(everything), "chosen", len(chosen),
          dict(collections.Counter(part.values())))
    print("sentiments", dict(collections.Counter((part[row[0]], row[1]) for row in chosen)))
    print("words a sentence", dict(sorted(collections.Counter(len(row[0].split()) for row in chosen).items())))
    print("words", len(spoken), "spoken in training", sum(spoken.values()), "rarest", spoken.most_common()[-5:])
    in_train = {word for row in rows if row[3] == "train" for word in row[2].split()}
    held_out = {word for row in rows if row[3] != "train" for word in row[2].split()}
    print("reply words", len(in_train), "only in held out", held_out - in_train,
          "different replies", len({row[2] for row in rows}))
    trained_replies = {row[2] for row in rows if row[3] == "train"}
    print("test replies that training never saw as a whole",
          sum(row[2] not in trained_replies for row in rows if row[3] == "test"))
    for key, lengths in seconds.items():
        print(key, len(lengths), "clips, seconds: sum", round(sum(lengths), 1), "mean",
              round(sum(lengths) / len(lengths), 3), "least", round(min(lengths), 2), "most", round(max(lengths), 2))
    print("fewest seconds a letter", round(tightest, 4))
    total = sum(os.path.getsize(os.path.join(root, name)) for root, _, names in os.walk(FOLDER) for name in names)
    print("bytes in all", total)


if __name__ == "__main__":
    main()
