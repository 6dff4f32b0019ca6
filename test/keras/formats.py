"""Loads what Winnow wrote with the tools it was written for, and compares their answers with Winnow's.

    python formats.py DIR      NAME.{keras,onnx,safetensors,json} of each network; Keras saves each again as NAME.resaved.keras
"""

import json
import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import keras  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
import safetensors.numpy  # noqa: E402

TOLERANCE = 1e-5


def error(actual, expected):
    return float(np.abs(np.asarray(actual, np.float64) - expected).max())


def check(path):
    said = json.loads(path.read_text())
    pixels = np.array(said["pixels"], np.uint8).reshape(said["batch"], said["size"], said["size"], 3)
    expected = np.array(said["probabilities"]).reshape(said["batch"], said["classes"])

    model = keras.models.load_model(path.with_suffix(".keras"))
    in_keras = error(model(pixels.astype(np.float32) / np.float32(255), training=False), expected)
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    model.save(path.with_suffix(".resaved.keras"))

    onnx.checker.check_model(path.with_suffix(".onnx"), full_check=True)
    session = onnxruntime.InferenceSession(path.with_suffix(".onnx"), providers=["CPUExecutionProvider"])
    (probabilities,) = session.run(["probabilities"], {"pixels": pixels})
    in_onnx = error(probabilities, expected)
    (one,) = session.run(["probabilities"], {"pixels": pixels[:1]})
    if error(one, expected[:1]) > TOLERANCE:
        raise AssertionError(f"{path.stem}: onnxruntime answers otherwise at batch 1")

    tensors = safetensors.numpy.load_file(path.with_suffix(".safetensors"))
    for layer in model.layers:
        for variable in layer.weights:
            name = f"{layer.name}/{'kernel' if variable.name == 'depthwise_kernel' else variable.name}"
            if not np.array_equal(tensors.pop(name), np.asarray(variable)):
                raise AssertionError(f"{path.stem}: {name} differs between safetensors and Keras")
    if tensors:
        raise AssertionError(f"{path.stem}: Keras has no {', '.join(tensors)}")
    return in_keras, in_onnx, float(expected.max(axis=1).mean())


def main():
    folder = pathlib.Path(sys.argv[1])
    print(f"| network | Keras {keras.__version__} | onnxruntime {onnxruntime.__version__} |\n|---|---|---|")
    failed = []
    for path in sorted(folder.glob("*.json")):
        in_keras, in_onnx, confidence = check(path)
        print(f"| {path.stem} | {in_keras:.1e} | {in_onnx:.1e} |", flush=True)
        if not max(in_keras, in_onnx) <= TOLERANCE:
            failed.append(path.stem)
    if failed:
        sys.exit(f"More than {TOLERANCE} apart: {', '.join(failed)}")


if __name__ == "__main__":
    main()
