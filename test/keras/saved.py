"""Writes saved.keras and saved.json: a network with branches as Keras itself saves it, compiled and with Adam's slots, and its answers.

    python saved.py --out saved
"""

import argparse
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402

from vectors import CLASSES, batch_of, set_weights  # noqa: E402

SIZE = 17
BATCH = 3


def network():
    """The branches differ in length, so that Keras orders its layers otherwise than they are written here."""
    inputs = keras.Input((SIZE, SIZE, 3))
    x = layers.Conv2D(6, 3, strides=2, activation="relu", name="stem")(inputs)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False)(x)
    a = layers.Conv2D(4, 1, activation="relu6")(x)
    b = layers.Conv2D(3, 3, padding="same", activation="relu")(layers.Conv2D(2, 1, activation="relu")(x))
    c = layers.AveragePooling2D(3, strides=1, padding="same")(x)
    x = layers.Flatten()(layers.MaxPooling2D(2)(layers.Concatenate()([a, b, c])))
    x = layers.Dropout(0.3)(layers.Activation("relu")(layers.Dense(7)(x)))
    return keras.Model(inputs, layers.Dense(CLASSES, activation="softmax", name="answers")(x))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    model = network()
    set_weights(model)
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    x, _ = batch_of(0, BATCH, SIZE)
    weights = [[f"{layer.name}/{variable.name}", list(variable.shape)] for layer in model.layers for variable in layer.weights]
    said = {"keras": keras.__version__, "size": SIZE, "batch": BATCH, "classes": CLASSES, "weights": weights, "probabilities": np.asarray(model(x, training=False)).reshape(-1).tolist()}
    (folder / "saved.json").write_text(json.dumps(said, indent=1) + "\n")
    model.save(folder / "saved.keras")


if __name__ == "__main__":
    main()
