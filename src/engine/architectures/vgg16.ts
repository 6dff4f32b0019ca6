import { GraphBuilder } from '../graph/builder.js';
import { allSides, type Architecture } from './architecture.js';
import { vgg16Blocks, vggBlocks } from './blocks/vgg.js';

export default {
  id: 'vgg16',
  title: 'VGG16',
  paper: 'Simonyan and Zisserman, Very Deep Convolutional Networks, 2014, configuration D; as keras.applications.VGG16 (no dropout).',
  options: [],
  sides: allSides,
  build: ({ size, classes }) =>
    vggBlocks(new GraphBuilder([size, size, 3], classes), vgg16Blocks)
      .flatten()
      .dense(4096, { name: 'fc1' })
      .dense(4096, { name: 'fc2' })
      .predictions({ name: 'predictions' }),
} satisfies Architecture;
