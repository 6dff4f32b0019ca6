"""The ten networks in Keras, written from the papers and the study's numbers and not from Winnow's sources.

`width` scales the filters and units of every layer but the last, rounded, at least 1. Dropout is off: its masks are no
one's to compare. `layers_of` gives the layers that hold weights, in the order of the network.
"""

import keras
from keras import layers


def scaled(width):
    return lambda count: max(1, int(count * width + 0.5))


def conv(filters, kernel, stride=1, name=None):
    return layers.Conv2D(filters, kernel, strides=stride, padding="same", activation="relu", name=name)


def chain(size, classes, steps, last=None):
    x = inputs = keras.Input((size, size, 3), name="input_layer")
    for step in steps:
        x = step(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax", name=last)(x))


def cnn(size, classes, width):
    n = scaled(width)
    steps = []
    for filters in (32, 64, 128):
        steps += [conv(n(filters), 3), layers.MaxPooling2D(2)]
    return chain(size, classes, [*steps, layers.Flatten(), layers.Dense(n(128), activation="relu")])


def cnn_light(size, classes, width):
    n = scaled(width)
    steps = [conv(n(8), 3, 2), layers.MaxPooling2D(2), conv(n(16), 3, 2), layers.MaxPooling2D(2)]
    return chain(size, classes, [*steps, layers.Flatten(), layers.Dense(n(16), activation="relu")])


def cnn_final(size, classes, width):
    n = scaled(width)
    steps = [conv(n(8), 3), layers.MaxPooling2D(2), conv(n(16), 3), conv(n(16), 3), conv(n(16), 3), layers.MaxPooling2D(2)]
    return chain(size, classes, [*steps, *study_head(n)])


def study_head(n):
    return [layers.GlobalAveragePooling2D(), layers.Dense(n(512), activation="relu"), layers.Dropout(0)]


def vgg_base(blocks, n):
    steps = []
    for block, filters in enumerate(blocks, 1):
        steps += [conv(n(count), 3, name=f"block{block}_conv{place}") for place, count in enumerate(filters, 1)]
        steps.append(layers.MaxPooling2D(2, name=f"block{block}_pool"))
    return steps


VGG16 = [[64] * 2, [128] * 2, [256] * 3, [512] * 3, [512] * 3]


def vgg_custom(size, classes, width):
    n = scaled(width)
    return chain(size, classes, [*vgg_base([[16] * 2, [32] * 2, [64] * 3], n), *study_head(n)])


def vgg16_gap(size, classes, width):
    n = scaled(width)
    return chain(size, classes, [*vgg_base(VGG16, n), *study_head(n)])


def vgg_light(size, classes, width):
    n = scaled(width)
    return chain(size, classes, [*vgg_base(VGG16[:4], n), *study_head(n)])


def vgg16(size, classes, width):
    n = scaled(width)
    head = [layers.Flatten(), layers.Dense(n(4096), activation="relu", name="fc1"), layers.Dense(n(4096), activation="relu", name="fc2")]
    return chain(size, classes, [*vgg_base(VGG16, n), *head], last="predictions")


def inception(label, counts, n):
    """A model within the model, so that the summary shows it as one row."""

    def module(x):
        one, three_reduce, three, five_reduce, five, pool = (n(count) for count in counts)
        name = f"inception_{label}_{{}}".format
        inputs = keras.Input(x.shape[1:])
        a = conv(one, 1, name=name("1x1"))(inputs)
        b = conv(three, 3, name=name("3x3"))(conv(three_reduce, 1, name=name("3x3_reduce"))(inputs))
        c = conv(five, 5, name=name("5x5"))(conv(five_reduce, 1, name=name("5x5_reduce"))(inputs))
        d = conv(pool, 1, name=name("pool_proj"))(layers.MaxPooling2D(3, strides=1, padding="same", name=name("pool"))(inputs))
        return keras.Model(inputs, layers.Concatenate(name=name("output"))([a, b, c, d]), name=f"inception_{label}")(x)

    return module


def pool3(name):
    return layers.MaxPooling2D(3, strides=2, padding="same", name=name)


def inception_net(size, classes, n, stem, modules):
    first, reduce, second = (n(count) for count in stem)
    steps = [conv(first, 7, 2, name="conv1_7x7"), pool3("pool1"), conv(reduce, 1, name="conv2_3x3_reduce"), conv(second, 3, name="conv2_3x3"), pool3("pool2")]
    for label, counts in modules:
        if label in ("4a", "5a"):
            steps.append(pool3("pool3" if label == "4a" else "pool4"))
        steps.append(inception(label, counts, n))
    return chain(size, classes, [*steps, layers.GlobalAveragePooling2D(), layers.Dropout(0)])


def googlenet(size, classes, width):
    modules = [
        ("3a", (64, 96, 128, 16, 32, 32)), ("3b", (128, 128, 192, 32, 96, 64)),
        ("4a", (192, 96, 208, 16, 48, 64)), ("4b", (160, 112, 224, 24, 64, 64)), ("4c", (128, 128, 256, 24, 64, 64)),
        ("4d", (112, 144, 288, 32, 64, 64)), ("4e", (256, 160, 320, 32, 128, 128)),
        ("5a", (256, 160, 320, 32, 128, 128)), ("5b", (384, 192, 384, 48, 128, 128)),
    ]
    return inception_net(size, classes, scaled(width), (64, 64, 192), modules)


def googlenet_light(size, classes, width):
    modules = [
        ("3a", (16, 16, 24, 4, 8, 8)), ("3b", (24, 24, 32, 4, 8, 8)),
        ("4a", (32, 32, 48, 8, 16, 16)), ("4b", (48, 48, 64, 8, 16, 16)), ("4c", (64, 64, 96, 12, 24, 24)), ("4d", (96, 64, 96, 12, 24, 24)),
        ("5a", (96, 64, 96, 12, 24, 24)), ("5b", (96, 96, 128, 16, 32, 32)),
    ]
    return inception_net(size, classes, scaled(width), (16, 16, 64), modules)


def mobilenet(size, classes, width):
    n = scaled(width)

    def normalised(name):
        # Keras's defaults, said here because they are compared.
        return [layers.BatchNormalization(momentum=0.99, epsilon=1e-3, name=f"{name}_bn"), layers.ReLU(6.0, name=f"{name}_relu")]

    steps = [layers.Conv2D(n(32), 3, strides=2, padding="same", use_bias=False, name="conv1"), *normalised("conv1")]
    table = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    for place, (filters, stride) in enumerate(table, 1):
        steps.append(layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False, name=f"conv_dw_{place}"))
        steps += normalised(f"conv_dw_{place}")
        steps.append(layers.Conv2D(n(filters), 1, padding="same", use_bias=False, name=f"conv_pw_{place}"))
        steps += normalised(f"conv_pw_{place}")
    return chain(size, classes, [*steps, layers.GlobalAveragePooling2D()])


NETWORKS = {
    "cnn": cnn,
    "cnn-final": cnn_final,
    "cnn-light": cnn_light,
    "googlenet": googlenet,
    "googlenet-light": googlenet_light,
    "mobilenet": mobilenet,
    "vgg-custom": vgg_custom,
    "vgg-light": vgg_light,
    "vgg16": vgg16,
    "vgg16-gap": vgg16_gap,
}


def layers_of(model):
    """Every layer but the inputs, depth first: an inception module's in the order of its branches."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from sorted(layers_of(layer), key=lambda inner: BRANCHES.index(inner.name.split("_", 2)[2]))
        elif not isinstance(layer, layers.InputLayer):
            yield layer


BRANCHES = ["1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool", "pool_proj", "output"]
