import { GraphBuilder } from '../graph/builder.js';
import { allSides, type Architecture } from './architecture.js';
import { vggBlocks } from './blocks/vgg.js';

export default {
  id: 'vgg-custom',
  title: 'VGG custom',
  paper: 'The study’s own small VGG: three blocks of 16, 32 and 64 filters.',
  options: [],
  sides: allSides,
  build: ({ size, classes }) =>
    vggBlocks(new GraphBuilder([size, size, 3], classes), [[16, 16], [32, 32], [64, 64, 64]]).globalAvgPool().dense(512).dropout(0.5).predictions(),
} satisfies Architecture;
