"""Writes the weights of a narrow VGG16 as Keras has written them over the years, in one zip: HDF5 of small groups is mostly empty.

- vgg16-2016.h5: as keras.applications' VGG16 files of 2016 are (block1_conv1_W_1:0; attributes of texts of one length)
- vgg16.weights.h5: Keras 3's save_weights
- vgg16-whole.h5: a whole model in the legacy form, as Keras 3 writes it (attributes in the global heap)

    python weights.py --out saved
"""

import argparse
import os
import pathlib
import tempfile
import zipfile

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402

from vectors import set_weights  # noqa: E402

BLOCKS = [[2, 2], [3, 3], [4, 4, 4]]
UNITS = 6
CLASSES = 7


def network():
    inputs = x = keras.Input((16, 16, 3), name="input_1")
    for block, filters in enumerate(BLOCKS, 1):
        for conv, count in enumerate(filters, 1):
            x = layers.Conv2D(count, 3, padding="same", activation="relu", name=f"block{block}_conv{conv}")(x)
        x = layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
    x = layers.Dense(UNITS, activation="relu", name="fc1")(layers.Flatten(name="flatten")(x))
    return keras.Model(inputs, layers.Dense(CLASSES, activation="softmax", name="predictions")(x))


def save_2016(model, path):
    """Keras 1.1's Container.save_weights_to_hdf5_group, whose names Theano and TensorFlow gave."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([layer.name.encode("utf8") for layer in model.layers])
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}_{letter}_1:0".encode("utf8") for letter in "Wb"[: len(layer.weights)]]
            group.attrs["weight_names"] = np.array(names) if names else []
            for name, variable in zip(names, layer.weights):
                value = np.asarray(variable)
                group.create_dataset(name, value.shape, dtype=value.dtype)[:] = value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    folder = parser.parse_args().out
    model = network()
    set_weights(model)
    writers = {"vgg16-2016.h5": lambda path: save_2016(model, path), "vgg16.weights.h5": model.save_weights, "vgg16-whole.h5": model.save}
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(folder / "weights.zip", "w") as archive:
        for name, write in writers.items():
            path = pathlib.Path(scratch) / name
            write(str(path))
            archive.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
