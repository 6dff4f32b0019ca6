import type { GraphBuilder } from '../../graph/builder.js';

/** Filters of VGG16's convolutions, block by block: Simonyan and Zisserman 2014, configuration D. */
export const vgg16Blocks: readonly (readonly number[])[] = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];

/** 3x3 convolutions, each block ending in 2x2 max pooling; named as keras.applications.VGG16. */
export function vggBlocks(net: GraphBuilder, blocks: readonly (readonly number[])[]): GraphBuilder {
  for (const [b, filters] of blocks.entries()) {
    for (const [c, count] of filters.entries()) net.conv(count, 3, { name: `block${b + 1}_conv${c + 1}` });
    net.maxPool(2, { name: `block${b + 1}_pool` });
  }
  return net;
}
