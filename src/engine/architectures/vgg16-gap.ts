import { GraphBuilder } from '../graph/builder.js';
import { allSides, type Architecture } from './architecture.js';
import { vgg16Blocks, vggBlocks } from './blocks/vgg.js';

export default {
  id: 'vgg16-gap',
  title: 'VGG16 pooled',
  paper: 'VGG16’s convolutions (Simonyan and Zisserman 2014) with global pooling and a dense layer of 512.',
  options: [],
  sides: allSides,
  build: ({ size, classes }) =>
    vggBlocks(new GraphBuilder([size, size, 3], classes), vgg16Blocks).globalAvgPool().dense(512).dropout(0.3).predictions(),
} satisfies Architecture;
