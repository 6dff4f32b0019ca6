import { GraphBuilder } from '../graph/builder.js';
import { scaleWidths } from '../graph/scale.js';
import { allSides, type Architecture } from './architecture.js';

/** Filters and stride of the thirteen depthwise separable blocks: Howard et al. 2017, table 1. */
const blocks: readonly (readonly [filters: number, stride: number])[] = [
  [64, 1], [128, 2], [128, 1], [256, 2], [256, 1], [512, 2],
  [512, 1], [512, 1], [512, 1], [512, 1], [512, 1],
  [1024, 2], [1024, 1],
];

export default {
  id: 'mobilenet',
  title: 'MobileNet v1',
  paper: 'Howard et al., MobileNets, 2017; named as keras.applications.MobileNet, its head one dense softmax after global pooling.',
  options: [{ name: 'width', title: 'Width multiplier', values: [0.25, 0.5, 0.75, 1], default: 1 }],
  sides: allSides,
  build({ size, classes, options }) {
    const net = new GraphBuilder([size, size, 3], classes);
    const normalised = (name: string) => net.batchNorm({ name: `${name}_bn` }).activation('relu6', { name: `${name}_relu` });
    const bare = { activation: 'linear', useBias: false } as const;
    net.conv(32, 3, { ...bare, stride: 2, name: 'conv1' });
    normalised('conv1');
    for (const [index, [filters, stride]] of blocks.entries()) {
      net.depthwise(3, { ...bare, stride, name: `conv_dw_${index + 1}` });
      normalised(`conv_dw_${index + 1}`);
      net.conv(filters, 1, { ...bare, name: `conv_pw_${index + 1}` });
      normalised(`conv_pw_${index + 1}`);
    }
    return scaleWidths(net.globalAvgPool().predictions(), options.width);
  },
} satisfies Architecture;
