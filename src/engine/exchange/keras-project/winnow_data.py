"""Winnow's photos in Python: the same files in the same classes, the same split, the same pixels, the same augmentation.

The numbers are drawn from counters (pcg4d: Jarzynski and Olano, JCGT 9(3), 2020), so that a seed means here what it means in Winnow.
"""

import gzip
import io
import math
import pathlib
import re
import zipfile

import numpy as np
from PIL import Image, ImageCms, ImageOps

SPLIT, AUGMENT = 2, 5
MAX_BYTES, MAX_PIXELS = 20_000_000, 40_000_000
IMAGE = re.compile(r"\.(jpe?g|jpe|jfif|png|webp|gif|bmp|tiff?|hei[cf]|avif)$", re.I)
IGNORED = re.compile(r"(^|/)(\.[^./][^/]*|__MACOSX)(/|$)|(^|/)(thumbs\.db|desktop\.ini)$", re.I)


def pcg4d(*counters):
    mask = 0xFFFFFFFF
    x, y, z, w = ((c * 1664525 + 1013904223) & mask for c in counters)
    for again in (False, True):
        x = (x + y * w) & mask
        y = (y + z * x) & mask
        z = (z + x * y) & mask
        w = (w + y * z) & mask
        if not again:
            x, y, z, w = (value ^ (value >> 16) for value in (x, y, z, w))
    return x, y, z, w


class Random:
    def __init__(self, seed, purpose, lane=0):
        self.key, self.counter, self.buffer = (seed, purpose, lane), 0, []

    def below(self, n):
        if not self.buffer:
            self.buffer = list(pcg4d(*self.key, self.counter))
            self.counter += 1
        return math.floor(self.buffer.pop() / 2**32 * n)

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


class Photos:
    """A zip or a folder of class folders, where a photo's class is the folder it lies in, or IMAGES.idx:LABELS.idx. A photo's index is its place in Winnow's dataset."""

    def __init__(self, path):
        self.path, self.arrays = pathlib.Path(path), None
        pair = [tuple(map(pathlib.Path, (path[:at], path[at + 1 :]))) for at, sign in enumerate(path) if sign == ":"] if not self.path.exists() else []
        pair = next((both for both in pair if all(part.is_file() for part in both)), None)
        if pair:
            self.from_idx(*pair)
        else:
            self.from_files()

    def from_idx(self, images, labels):
        self.arrays, values = read_idx(images), read_idx(labels)
        present = sorted(set(values.tolist()))
        self.classes = [str(value).zfill(len(str(present[-1]))) for value in present]
        groups = [np.flatnonzero(values == value) for value in present]
        in_turn = sorted(((i + 0.5) / len(group), label, item) for label, group in enumerate(groups) for i, item in enumerate(group))
        self.labels = np.array([label for _, label, _ in in_turn], np.int32)
        self.files = [item for _, _, item in in_turn]

    def from_files(self):
        self.zip = zipfile.ZipFile(self.path) if self.path.is_file() else None
        if self.zip:
            names = [entry.filename for entry in self.zip.infolist() if not entry.is_dir()]
        else:
            names = sorted((str(file.relative_to(self.path.parent).as_posix()) for file in self.path.rglob("*") if file.is_file()), key=code_units)
        names = [name for name in names if not IGNORED.search(name)]
        folders = [name.split("/")[:-1] for name in names if IMAGE.search(name)] or [name.split("/")[:-1] for name in names]
        root = common(folders)
        nested = any(len(folder) > len(root) for folder in folders)
        groups = {}
        for name in names:
            folder = name.split("/")[:-1]
            if folder and not (nested and len(folder) <= len(root)):
                groups.setdefault(folder[-1], []).append(name)
        listed = sorted(groups, key=code_units)
        in_turn = sorted(((i + 0.5) / len(groups[name]), label, file) for label, name in enumerate(listed) for i, file in enumerate(groups[name]))
        kept = [(label, file) for _, label, file in in_turn if is_photo(self.read(file))]
        found = sorted({label for label, _ in kept})
        self.classes = [listed[label] for label in found]
        self.labels = np.array([found.index(label) for label, _ in kept], np.int32)
        self.files = [file for _, file in kept]

    def read(self, file):
        return self.zip.read(file) if self.zip else (self.path.parent / file).read_bytes()

    def pixels(self, index, size):
        """uint8 RGB [size, size, 3]; None where the photo does not decode."""
        if self.arrays is not None:
            photo = self.arrays[self.files[index]]
            return resize(np.repeat(photo[..., None], 3, 2) if photo.ndim == 2 else photo, size)
        try:
            return to_pixels(self.read(self.files[index]), size)
        except (OSError, ValueError, SyntaxError):
            return None


def read_idx(path):
    """LeCun's format, gzipped or not: unsigned bytes behind big-endian dimensions."""
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    shape = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(content[3])]
    return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def code_units(text):
    """Sorts as JavaScript does."""
    return text.encode("utf-16-be")


def common(folders):
    shared = folders[0] if folders else []
    for folder in folders:
        same = 0
        while same < min(len(shared), len(folder)) and shared[same] == folder[same]:
            same += 1
        shared = shared[:same]
    return shared


def is_photo(content):
    """By its header, and its end: what Winnow refuses is not counted."""
    if not content or len(content) > MAX_BYTES:
        return False
    if content[:3] == b"\xff\xd8\xff":
        whole = b"\xff\xd9" in content[4:]
    elif content[:8] == b"\x89PNG\r\n\x1a\n":
        whole = b"IEND" in content[-64:] or b"IEND" in content
    elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        whole = len(content) >= int.from_bytes(content[4:8], "little") + 8
    else:
        return False
    try:
        with Image.open(io.BytesIO(content)) as image:
            return whole and 0 < image.width * image.height <= MAX_PIXELS
    except (OSError, ValueError, SyntaxError):
        return False


def to_pixels(content, size):
    """EXIF orientation, sRGB, alpha on black, then bilinear with half-pixel centres and no antialiasing, rounded."""
    with Image.open(io.BytesIO(content)) as opened:
        profile = opened.info.get("icc_profile")
        image = ImageOps.exif_transpose(opened)
        if profile and image.mode in ("RGB", "RGBA"):
            try:
                image = ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"))
            except ImageCms.PyCMSError:
                pass
        if image.mode != "RGB":
            layers = image.convert("RGBA")
            image = Image.new("RGB", layers.size)
            image.paste(layers, mask=layers.getchannel("A"))
        return resize(np.asarray(image), size)


def resize(photo, size):
    photo = photo.astype(np.float64)

    def taps(side):
        place = (np.arange(size) + 0.5) * side / size - 0.5
        low = np.floor(place).astype(int)
        return np.maximum(low, 0), np.minimum(low + 1, side - 1), place - low

    top, bottom, wy = taps(photo.shape[0])
    left, right, wx = taps(photo.shape[1])
    wx, wy = wx[None, :, None], wy[:, None, None]
    upper = photo[top][:, left] + (photo[top][:, right] - photo[top][:, left]) * wx
    lower = photo[bottom][:, left] + (photo[bottom][:, right] - photo[bottom][:, left]) * wx
    return (upper + (lower - upper) * wy + 0.5).astype(np.uint8)


def split(labels, classes, settings):
    """Indices of the train, validation and test photos, ascending: each class shuffled by the seed, and shared out on its own."""
    seed = settings["seed"] if settings["splitSeed"] is None else settings["splitSeed"]
    counts = [int((labels == label).sum()) for label in range(classes)]
    parts = [], [], []
    for label, quota in enumerate(quotas(counts, settings["limit"])):
        taken = Random(seed, SPLIT, label).shuffle(list(map(int, np.flatnonzero(labels == label))))[:quota]
        clamp = lambda value, most: min(max(math.floor(value + 0.5), 1), most)  # noqa: E731
        validation = clamp(len(taken) * settings["validationShare"], len(taken) - 1)
        test = clamp(len(taken) * settings["testShare"], len(taken) - validation - 1) if settings["testShare"] else 0
        for part, chosen in zip(parts, (taken[validation + test :], taken[:validation], taken[validation : validation + test])):
            part.extend(chosen)
    return tuple(np.array(sorted(part), np.int64) for part in parts)


def quotas(counts, limit):
    total = sum(counts)
    if limit is None or limit >= total:
        return counts
    exact = [count * limit / total for count in counts]
    given = [max(2, math.floor(share)) for share in exact]
    missing = limit - sum(given)
    for label in sorted(range(len(counts)), key=lambda label: (given[label] - exact[label], label))[: max(missing, 0)]:
        given[label] += 1
    for _ in range(-missing):
        given[given.index(max(given))] -= 1
    return given


def augment(pixels, settings, seed, epoch, index):
    """Flipped, turned, scaled, shifted in one bilinear sampling that mirrors at the border; then made brighter or darker."""
    if not any(settings.values()):
        return pixels
    lane = AUGMENT | (epoch << 8)
    flip_x, flip_y, turn, zoom, shift_x, shift_y, brightness, _ = ((bits >> 8) / 2**24 for counter in (0, 1) for bits in pcg4d(seed, lane, index, counter))
    size = pixels.shape[0]
    within = lambda draw, most: (2 * draw - 1) * most  # noqa: E731
    angle, scale = within(turn, settings["rotation"]) * 2 * math.pi, 1 + within(zoom, settings["zoom"])
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    a, b = (-cos, sin) if flip_x < settings["flipX"] else (cos, -sin)
    c, d = (-sin, -cos) if flip_y < settings["flipY"] else (sin, cos)
    centre = (size - 1) / 2
    y = np.arange(size)[:, None] - centre - within(shift_y, settings["shift"]) * size
    x = np.arange(size)[None, :] - centre - within(shift_x, settings["shift"]) * size
    source_x, source_y = a * x + b * y + centre, c * x + d * y + centre
    left, top = np.floor(source_x).astype(int), np.floor(source_y).astype(int)
    wx, wy = (source_x - left)[..., None], (source_y - top)[..., None]

    def at(row, column):
        place = lambda position: np.where((wrapped := position % (2 * size)) < size, wrapped, 2 * size - 1 - wrapped)  # noqa: E731
        return pixels[place(row), place(column)].astype(np.float64)

    upper = at(top, left) * (1 - wx) + at(top, left + 1) * wx
    lower = at(top + 1, left) * (1 - wx) + at(top + 1, left + 1) * wx
    changed = (upper * (1 - wy) + lower * wy + 0.5).astype(np.uint8)
    if settings["brightness"] > 0:
        changed = np.clip(changed.astype(int) + math.floor(within(brightness, settings["brightness"]) * 255 + 0.5), 0, 255).astype(np.uint8)
    return changed
