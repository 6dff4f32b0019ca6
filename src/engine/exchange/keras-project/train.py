"""Goes on with a run of Winnow in Keras 3, on one machine or on many.

    python train.py --data PHOTOS                                     one process, all its GPUs
    python train.py --data PHOTOS --workers a:1234,b:1234 --index 0   on machine a; --index 1 on machine b
    TF_CONFIG=… python train.py --data PHOTOS                         where a cluster's scheduler says who is who

PHOTOS is what the run was trained on: the zip, the folder of class folders, or IMAGES.idx:LABELS.idx; every worker needs it. Worker 0 writes result.keras,
which Winnow reads.
"""

import argparse
import concurrent.futures
import json
import math
import os
import pathlib
import sys
import zipfile

here = pathlib.Path(__file__).parent
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--data", required=True)
parser.add_argument("--epochs", type=int, help="more epochs at most; the run's own number where absent")
parser.add_argument("--learning-rate", type=float, help="to begin with; the run's own where absent")
parser.add_argument("--workers", help="host:port of each, separated by commas, the same on all")
parser.add_argument("--index", type=int, default=0, help="which of the workers this is")
parser.add_argument("--out", default=str(here / "result.keras"))
args = parser.parse_args()

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
if args.workers:
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": args.workers.split(",")}, "task": {"type": "worker", "index": args.index}})

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from winnow_data import Photos, augment, split  # noqa: E402

task = json.loads(os.environ.get("TF_CONFIG", "{}")).get("task", {"index": 0})
chief = task["index"] == 0
# Has to be made before anything else runs on TensorFlow. Without TF_CONFIG it is one worker.
strategy = tf.distribute.MultiWorkerMirroredStrategy()
card = json.loads((here / "card.json").read_text())
settings = card["settings"]
classes, size, batch = len(card["classes"]), settings["size"], settings["batch"]
keras.utils.set_random_seed(settings["seed"] % 2**32)


def say(text):
    if chief:
        print(text, flush=True)


photos = Photos(args.data)
if photos.classes != card["classes"]:
    sys.exit(f"{args.data} has the classes {', '.join(photos.classes)}; the run was trained on {', '.join(card['classes'])}.")
train, validation, test = split(photos.labels, classes, settings)
images = len(train) + len(validation) + len(test)
if card["dataset"]["images"] not in (None, images):
    sys.exit(f"{args.data} gives {images} photos; the run was trained on {card['dataset']['images']}. It has to be the same set, or the split would mix what was set aside with what was trained on.")
say(f"{len(train)} photos to train on, {len(validation)} to validate, {len(test)} to test; {strategy.num_replicas_in_sync} replica(s).")

weighting = settings["loss"]["classWeights"]
counts = np.bincount(photos.labels[train], minlength=classes)
class_weights = np.ones(classes) if weighting is None else len(train) / (classes * counts) if weighting == "balanced" else np.array(weighting)
smoothing = settings["loss"]["labelSmoothing"]


first_rate = args.learning_rate or settings["optimizer"]["learningRate"]


def optimizer():
    kind = settings["optimizer"]["kind"]
    if kind == "sgd":
        return keras.optimizers.SGD(first_rate, momentum=settings["optimizer"]["momentum"])
    if kind == "adamw":
        return keras.optimizers.AdamW(first_rate, weight_decay=settings["optimizer"]["weightDecay"])
    return keras.optimizers.Adam(first_rate)


with strategy.scope():
    model = keras.models.load_model(here / "model.keras")
    adjust = optimizer()
    adjust.build(model.trainable_variables)


@tf.function(reduce_retracing=True)
def train_step(x, y, weight):
    def replica(x, y, weight):
        with tf.GradientTape() as tape:
            answers = model(tf.cast(x, tf.float32) / 255.0, training=True)
            losses = keras.losses.categorical_crossentropy(tf.one_hot(y, classes), answers, label_smoothing=smoothing)
            # The weights hold 1 / photos of the whole batch, so the replicas' gradients add up to the batch's mean.
            loss = tf.reduce_sum(losses * weight)
        adjust.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        right = tf.reduce_sum(tf.cast((tf.argmax(answers, 1, tf.int32) == y) & (weight > 0), tf.float32))
        return tf.stack([loss, right])

    return strategy.reduce("SUM", strategy.run(replica, (x, y, weight)), axis=None)


@tf.function(reduce_retracing=True)
def evaluate_step(x, y, weight):
    def replica(x, y, weight):
        answers = model(tf.cast(x, tf.float32) / 255.0, training=False)
        losses = keras.losses.categorical_crossentropy(tf.one_hot(y, classes), answers, label_smoothing=smoothing)
        right = tf.cast(tf.argmax(answers, 1, tf.int32) == y, tf.float32)
        return tf.stack([tf.reduce_sum(losses * weight), tf.reduce_sum(right * weight), tf.reduce_sum(weight)])

    return strategy.reduce("SUM", strategy.run(replica, (x, y, weight)), axis=None)


pool = concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2))


def share(indices, epoch, replica):
    """This replica's photos of a batch: every so-manyeth. A photo that does not decode, and the filler of a share that would be empty, weigh nothing."""
    mine = indices[replica :: strategy.num_replicas_in_sync]
    decoded = list(pool.map(lambda index: photos.pixels(index, size), mine))
    x = np.zeros((max(1, len(mine)), size, size, 3), np.uint8)
    y, known = np.zeros(len(x), np.int32), np.zeros(len(x), np.float32)
    for place, (index, pixels) in enumerate(zip(mine, decoded)):
        if pixels is not None:
            x[place] = pixels if epoch is None else augment(pixels, settings["augment"], settings["seed"], epoch, int(index))
            y[place], known[place] = photos.labels[index], 1
    return x, y, known


def batches(order, epoch):
    """Each batch, spread over the replicas; the next is decoded while one is computed."""
    stretches = [order[start : start + batch] for start in range(0, len(order), batch)]

    def load(indices):
        held = {}

        def part(context, which):
            replica = context.replica_id_in_sync_group
            if replica not in held:
                held[replica] = share(indices, epoch, replica)
            x, y, known = held[replica]
            weight = known if epoch is None else (known * class_weights[y] / len(indices)).astype(np.float32)
            return tf.constant((x, y, weight)[which])

        return tuple(strategy.experimental_distribute_values_from_function(lambda context, which=which: part(context, which)) for which in range(3))

    with concurrent.futures.ThreadPoolExecutor(1) as ahead:
        waiting = [ahead.submit(load, stretch) for stretch in stretches[:2]]
        for place in range(len(stretches)):
            yield len(stretches[place]), waiting.pop(0).result()
            if place + 2 < len(stretches):
                waiting.append(ahead.submit(load, stretches[place + 2]))


def evaluate(part):
    loss, right, seen = (float(n) for n in sum((evaluate_step(*data) for _, data in batches(part, None)), tf.zeros(3)))
    return {"loss": loss / seen, "accuracy": right / seen}


steps = math.ceil(len(train) / batch)
before = card["metrics"]["bestEpoch"]
more = args.epochs or settings["epochs"]
schedule = settings["schedule"]
rate, plateau_best, plateau_waited = first_rate, math.inf, 0


def rate_after(taken):
    if schedule["kind"] == "cosine":
        last = steps * (before + more)
        return first_rate * ((1 - schedule["alpha"]) * (1 + math.cos(math.pi * min(taken, last) / last)) / 2 + schedule["alpha"])
    if schedule["kind"] == "step":
        return first_rate * schedule["factor"] ** (taken // (steps * schedule["every"]))
    return rate


best = evaluate(validation)
best_epoch, best_weights, waited = before, model.get_weights(), 0
say(f"As it came, after epoch {before}: validation loss {best['loss']:.4f}, accuracy {best['accuracy']:.4f}.")
for epoch in range(before + 1, before + more + 1):
    order = np.random.default_rng([settings["seed"], epoch]).permutation(train)
    loss = right = 0.0
    for step, (count, data) in enumerate(batches(order, epoch)):
        adjust.learning_rate = rate_after((epoch - 1) * steps + step)
        mean, correct = (float(n) for n in train_step(*data))
        loss, right = loss + mean * count, right + correct
    now = evaluate(validation)
    say(f"Epoch {epoch}: loss {loss / len(train):.4f}, accuracy {right / len(train):.4f}; validation loss {now['loss']:.4f}, accuracy {now['accuracy']:.4f}.")
    if schedule["kind"] == "plateau":
        if now["loss"] < plateau_best - 1e-4:
            plateau_best, plateau_waited = now["loss"], 0
        else:
            plateau_waited += 1
            if plateau_waited >= schedule["patience"] and rate > schedule["least"]:
                rate, plateau_waited = max(rate * schedule["factor"], schedule["least"]), 0
    if now["loss"] < best["loss"]:
        best, best_epoch, best_weights, waited = now, epoch, model.get_weights(), 0
    else:
        waited += 1
        if waited >= settings["patience"]:
            say(f"No better for {waited} epochs.")
            break

model.set_weights(best_weights)
numbers = {"bestEpoch": best_epoch, "train": evaluate(train), "validation": best, "test": evaluate(test) if len(test) else {"loss": None, "accuracy": None}}
numbers["test"]["perturbed"] = card["metrics"]["test"]["perturbed"]
card["metrics"] = numbers
card["continued"] = {"with": f"Keras {keras.version()}, TensorFlow {tf.__version__}", "epochs": epoch - before, "replicas": strategy.num_replicas_in_sync}
if chief:
    model.save(args.out)
    with zipfile.ZipFile(args.out, "a") as file:
        file.writestr("card.json", json.dumps(card, indent=2) + "\n")
    say(f"Epoch {best_epoch} is the best: validation loss {best['loss']:.4f}, accuracy {best['accuracy']:.4f}. Written to {args.out}.")
