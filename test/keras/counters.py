"""Weights, photos, labels and probes from counters, by the same formulas as counters.ts: nothing random is stored."""

import math

import numpy as np

WEIGHTS, PIXELS, LABELS, SIGNS, SAMPLES, NUDGE = 20, 21, 22, 23, 24, 25
SAMPLE_COUNT = 8
PROBE_COUNT = 4


def pcg4d(a, b, c, d):
    """Jarzynski and Olano 2020, as src/engine/support/random.ts; uint32 arrays in and out."""
    with np.errstate(over="ignore"):
        x, y, z, w = (np.asarray(v, np.uint32) * np.uint32(1664525) + np.uint32(1013904223) for v in np.broadcast_arrays(a, b, c, d))
        for turn in range(2):
            x = x + y * w
            y = y + z * x
            z = z + x * y
            w = w + y * z
            if turn == 0:
                x, y, z, w = (v ^ (v >> np.uint32(16)) for v in (x, y, z, w))
    return x, y, z, w


def integers(purpose, lane, count, turn=0):
    """`count` uint32; element e is word e % 4 at counter (purpose, lane, e // 4, turn)."""
    words = pcg4d(purpose, lane, np.arange((count + 3) // 4, dtype=np.uint32), turn)
    return np.stack(words, axis=-1).reshape(-1)[:count]


def weight(index, name, shape):
    """Initial value of weight `index` of a network: kernels as He's uniform, so that signals keep their size through many layers."""
    size = math.prod(shape)
    unit = 2 * (integers(WEIGHTS, index, size) >> np.uint32(8)).astype(np.float64) / 0x1000000 - 1
    if name == "kernel":
        # A depthwise kernel [k, k, channels, 1] sums over its window alone.
        fan_in = math.prod(shape[:2]) if len(shape) == 4 and shape[3] == 1 else math.prod(shape[:-1])
        values = unit * math.sqrt(6 / fan_in)
    elif name == "gamma":
        values = 1 + 0.2 * unit
    elif name == "beta":
        # Around 0 it would put units on ReLU's corner, where 1e-7 more or less turns the gradients of all layers before.
        values = 1 + unit
    elif name == "moving_variance":
        values = 1 + 0.5 * unit
    else:
        values = 0.1 * unit
    return values.astype(np.float32).reshape(shape)


def nudges(index, shape, turn):
    """-1 or 1 for each element: which way a weight is moved when Keras's own drift is measured."""
    size = math.prod(shape)
    return (2.0 * (integers(NUDGE, index, size, turn) & np.uint32(1)) - 1).astype(np.float32).reshape(shape)


def pixels(image, size):
    """Photo `image`, uint8 [size, size, 3]: stripes of its own direction and phase in each channel, and noise."""
    y, x = np.mgrid[0:size, 0:size].astype(np.uint32)
    noise = (integers(PIXELS, image, size * size * 3, 1) & np.uint32(31)).reshape(size, size, 3)
    channels = []
    for channel in range(3):
        right, down, phase, _ = (int(v) for v in pcg4d(PIXELS, image, channel, 0))
        place = (x * np.uint32(right % 29) + y * np.uint32(down % 29) + np.uint32(phase % 256)) % np.uint32(256)
        wave = np.where(place < 128, place, 255 - place)
        channels.append(wave + 48 + noise[..., channel])
    return np.stack(channels, axis=-1).astype(np.uint8)


def label(image, classes):
    return int(pcg4d(LABELS, image, 0, 0)[0]) % classes


def probe(lane, values):
    """What is kept of an array: its norm, some elements, and sums with signs, whose spread is the whole array's error."""
    flat = np.asarray(values, np.float64).reshape(-1)
    draws = pcg4d(SAMPLES, lane, np.arange(SAMPLE_COUNT, dtype=np.uint32), 0)[0]
    positions = (draws.astype(np.uint64) * np.uint64(flat.size)) >> np.uint64(32)
    sums = [float(np.dot(flat, 2.0 * (integers(SIGNS, lane, flat.size, turn) & np.uint32(1)) - 1)) for turn in range(PROBE_COUNT)]
    return [float(np.linalg.norm(flat)), *(float(v) for v in flat[positions]), *sums]
