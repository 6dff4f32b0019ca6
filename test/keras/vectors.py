"""Writes what Keras computes for each network, for Winnow to be compared with.

    python vectors.py --out vectors            the committed vectors: narrow networks, forward, gradients, ten Adam steps
    python vectors.py --out DIR --full         full width, forward only; too large for every test run
"""

import argparse
import json
import math
import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

from counters import label, nudges, pixels, probe, weight  # noqa: E402
from networks import NETWORKS, layers_of  # noqa: E402

CLASSES = 5
STEPS = 10
NUDGED_RUNS = 8
NUDGE = 1e-7
LEARNING_RATE = 1e-3

# Width, side and batch: small, sides that do not halve evenly, a batch norm that sees enough values.
NARROW = {
    "cnn": (0.25, 40, 4),
    "cnn-final": (1, 40, 4),
    "cnn-light": (1, 40, 4),
    "googlenet": (0.125, 40, 4),
    "googlenet-light": (0.25, 40, 4),
    "mobilenet": (0.25, 40, 8),
    "vgg-custom": (0.5, 40, 4),
    "vgg-light": (0.125, 40, 4),
    "vgg16": (0.125, 40, 4),
    "vgg16-gap": (0.125, 40, 4),
}


def weights_of(model):
    """(name, variable) in layer order; 'conv2d/kernel'."""
    return [(f"{layer.name}/{variable.name}", variable) for layer in layers_of(model) for variable in layer.weights]


def set_weights(model, turn=None):
    for index, (name, variable) in enumerate(weights_of(model)):
        value = weight(index, variable.name, variable.shape)
        if turn is not None:
            value = value + np.float32(NUDGE) * nudges(index, variable.shape, turn)
        variable.assign(value)


def batch_of(step, batch, size):
    images = range(step * batch, (step + 1) * batch)
    x = np.stack([pixels(image, size) for image in images]).astype(np.float32) / np.float32(255)
    return x, np.eye(CLASSES, dtype=np.float32)[[label(image, CLASSES) for image in images]]


def forward(model, size, batch):
    x, _ = batch_of(0, batch, size)
    probabilities = np.asarray(model(x, training=False))
    outputs = feature_maps(model, x[:1])
    return {
        "probabilities": probabilities.reshape(-1).tolist(),
        "layers": [[layer.name, probe(index, outputs[layer.name])] for index, layer in enumerate(layers_of(model))],
    }


def feature_maps(model, x):
    """Output of every layer, those within modules too, for one photo."""
    outputs = {}

    def walk(part, value):
        tensors = {id(part.inputs[0]): value}
        for layer in part.layers:
            if isinstance(layer, keras.layers.InputLayer):
                continue
            node = layer._inbound_nodes[-1]
            given = [tensors[id(tensor)] for tensor in node.input_tensors]
            # Called outside of training, a layer works in inference mode.
            result = walk(layer, given[0]) if isinstance(layer, keras.Model) else layer(given if len(given) > 1 else given[0])
            outputs[layer.name] = np.asarray(result)
            tensors[id(node.output_tensors[0])] = result
        return tensors[id(part.outputs[0])]

    walk(model, x)
    return outputs


def gradients(model, size, batch):
    x, y = batch_of(0, batch, size)

    def loss(trainable, rest):
        predicted, _ = model.stateless_call(trainable, rest, x, training=True)
        return keras.ops.mean(keras.losses.categorical_crossentropy(y, predicted))

    values = jax.grad(loss)([v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables])
    by_variable = {id(variable): value for variable, value in zip(model.trainable_variables, values)}
    return [
        [name, probe(index, by_variable[id(variable)])]
        for index, (name, variable) in enumerate(weights_of(model))
        if id(variable) in by_variable
    ]


def train(model, size, batch, turn=None):
    """Ten steps of Adam; the loss of each before its update, and the moving statistics after the third and the last."""
    set_weights(model, turn)
    for variable in model.optimizer.variables:
        if variable is not model.optimizer.learning_rate:
            variable.assign(np.zeros(variable.shape, variable.dtype))
    losses, moving = [], []
    for step in range(STEPS):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(*batch_of(step, batch, size))))
        if step in (2, STEPS - 1):
            moving.append([[name, np.asarray(v)] for name, v in weights_of(model) if v.name.startswith("moving")])
    return np.array(losses), moving


def training(model, size, batch):
    model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    losses, moving = train(model, size, batch)
    drift = np.zeros(STEPS)
    moved = 0.0
    for turn in range(NUDGED_RUNS):
        nudged, nudged_moving = train(model, size, batch, turn)
        drift = np.maximum(drift, np.abs(nudged - losses))
        moved = max([moved, *(relative(b, a) for (_, a), (_, b) in zip(moving[-1], nudged_moving[-1]))])
    indices = {name: index for index, (name, _) in enumerate(weights_of(model))}
    return {
        "learningRate": LEARNING_RATE,
        "losses": losses.tolist(),
        "drift": drift.tolist(),
        "moving": [[[name, probe(indices[name], value)] for name, value in after] for after in moving],
        "movingDrift": moved,
    }


def relative(actual, expected):
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))


def summary(build):
    """Keras's table at the study's size: name, class, output shape without the batch, params."""
    keras.backend.clear_session()
    model = build(224, CLASSES, 1)
    rows = [[layer.name, type(layer).__name__, [int(side) for side in output_shape(layer)], int(layer.count_params())] for layer in model.layers]
    return {"rows": rows, "params": int(model.count_params()), "trainableParams": int(sum(math.prod(v.shape) for v in model.trainable_variables))}


def output_shape(layer):
    return layer.output.shape[1:] if not isinstance(layer, keras.Model) else layer.outputs[0].shape[1:]


def early_stopping():
    """What EarlyStopping(restore_best_weights=True) does on recorded validation losses."""

    class Model:
        stop_training = False
        epoch = restored = None

        def get_weights(self):
            return self.epoch

        def set_weights(self, weights):
            self.restored = weights

    histories = {
        "falls to the end": [1.0, 0.8, 0.6, 0.5, 0.45],
        "rises after the second": [1.0, 0.5, 0.6, 0.7, 0.8, 0.4],
        "a tie is no improvement": [0.5, 0.5, 0.5, 0.5, 0.5],
        "a fall just in time": [1.0, 0.9, 0.95, 0.96, 0.89, 0.9, 0.91, 0.92, 0.5],
        "rises from the first": [0.3, 0.4, 0.5, 0.6, 0.7],
        "a hair lower counts": [0.5, 0.4999999, 0.51, 0.52, 0.53, 0.1],
        "not a number in between": [0.8, math.nan, 0.7, math.nan, math.nan, math.nan, 0.1],
        "never a number": [math.nan, math.nan, math.nan, math.nan, math.nan, math.nan],
        "a number after none": [math.nan, 0.9, 0.8, 0.85, 0.7, 0.75, 0.76, 0.77, 0.78],
        "up and down": [0.9, 1.1, 0.85, 1.0, 0.95, 0.84, 0.9, 0.83, 0.86, 0.87, 0.88, 0.2],
    }
    rows = []
    for title, losses in histories.items():
        for patience in (1, 2, 3):
            model = Model()
            stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience, restore_best_weights=True, mode="min")
            stopping.set_model(model)
            stopping.on_train_begin()
            epoch = 0
            for epoch, value in enumerate(losses):
                model.epoch = epoch
                stopping.on_epoch_end(epoch, {"val_loss": value})
                if model.stop_training:
                    break
            stopping.on_train_end()
            rows.append({"title": title, "losses": [None if math.isnan(value) else value for value in losses], "patience": patience, "epochs": epoch + 1, "stopped": model.stop_training, "best": stopping.best_epoch + 1, "restored": model.restored + 1})
    return rows


def write(path, value):
    """JSON with nine digits, one row of an array of arrays a line: enough for float32, and readable as a diff."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dump(rounded(value), 0) + "\n")


def dump(value, depth):
    """One line for what holds no row, a line a row for what does."""
    if isinstance(value, dict):
        inner = ",\n".join(f"{' ' * (depth + 1)}{json.dumps(key)}: {dump(item, depth + 1)}" for key, item in value.items())
        return f"{{\n{inner}\n{' ' * depth}}}"
    if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
        inner = ",\n".join(f"{' ' * (depth + 1)}{json.dumps(item, separators=(',', ':')) if isinstance(item, dict) or not deep(item) else dump(item, depth + 1)}" for item in value)
        return f"[\n{inner}\n{' ' * depth}]"
    return json.dumps(value, separators=(",", ":"))


def deep(rows):
    return any(isinstance(row, list) and any(isinstance(item, list) for item in row) for row in rows)


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", choices=NETWORKS)
    options = parser.parse_args()
    for name, build in NETWORKS.items():
        if options.only not in (None, name):
            continue
        width, size, batch = (1, 32, 1) if options.full else NARROW[name]
        keras.backend.clear_session()
        model = build(size, CLASSES, width)
        set_weights(model)
        vectors = {"id": name, "width": width, "size": size, "batch": batch, "classes": CLASSES, "weights": [[n, list(v.shape)] for n, v in weights_of(model)], "forward": forward(model, size, batch)}
        if not options.full:
            vectors["gradients"] = gradients(model, size, batch)
            vectors["training"] = training(model, size, batch)
            vectors["summary"] = summary(build)
        write(options.out / f"{name}.json", vectors)
        print(name, flush=True)
    if options.only is None and not options.full:
        write(options.out / "early-stopping.json", {"keras": keras.__version__, "runs": early_stopping()})


if __name__ == "__main__":
    main()
