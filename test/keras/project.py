"""Holds a Keras project's photos, split, pixels and augmentation against what Winnow makes of them.

    python project.py DIR      with photos.zip, expected.json and the project
"""

import json
import pathlib
import sys
import zipfile

import numpy as np

folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(folder / "project"))

from winnow_data import Photos, augment, split  # noqa: E402

expected = json.loads((folder / "expected.json").read_text())
card = json.loads((folder / "project/card.json").read_text())
settings = card["settings"]

zipfile.ZipFile(folder / "photos.zip").extractall(folder / "photos")
zipped, loose = Photos(f"{folder}/photos.zip"), Photos(f"{folder}/photos/Rice")
assert zipped.files == expected["files"], "the zip's photos are others, or in another order"
assert sorted(loose.files) == sorted(expected["files"]), "the folder's photos are others"
assert zipped.classes == loose.classes == card["classes"]
parts = split(zipped.labels, len(zipped.classes), settings)
for name, part in zip(("train", "validation", "test"), parts):
    assert part.tolist() == expected["split"][name], f"the {name} split is another"
for photo in expected["photos"]:
    pixels = zipped.pixels(photo["index"], settings["size"])
    assert pixels.ravel().tolist() == photo["pixels"], f"photo {photo['index']} becomes other pixels"
    changed = augment(pixels, settings["augment"], settings["seed"], photo["epoch"], photo["index"]).ravel().astype(int)
    # A rounded half may fall to either side.
    apart = np.abs(changed - photo["augmented"])
    assert apart.max() <= 1 and (apart > 0).mean() < 1e-3, f"photo {photo['index']} is augmented otherwise"
    assert (changed != np.array(photo["pixels"])).mean() > 0.02, f"photo {photo['index']} is not augmented"
pair = Photos(f"{folder}/images.idx:{folder}/labels.idx")
assert pair.classes == expected["idx"]["classes"] and pair.labels.tolist() == expected["idx"]["labels"], "the IDX pair's photos are others"
for place, name in ((0, "first"), (-1, "last")):
    assert pair.pixels(place, settings["size"]).ravel().tolist() == expected["idx"][name], f"the IDX pair's {name} photo becomes other pixels"
print(f"{len(zipped.files)} photos, their split {[len(part) for part in parts]}, pixels and augmentation are Winnow's.")
