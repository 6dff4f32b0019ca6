import { GraphBuilder } from '../graph/builder.js';
import { allSides, type Architecture } from './architecture.js';
import { vgg16Blocks, vggBlocks } from './blocks/vgg.js';

export default {
  id: 'vgg-light',
  title: 'VGG light',
  paper: 'VGG16 (Simonyan and Zisserman 2014) cut after its fourth block, with the study’s head.',
  options: [],
  sides: allSides,
  build: ({ size, classes }) =>
    vggBlocks(new GraphBuilder([size, size, 3], classes), vgg16Blocks.slice(0, 4)).globalAvgPool().dense(512).dropout(0.3).predictions(),
} satisfies Architecture;
