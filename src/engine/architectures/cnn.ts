import { GraphBuilder } from '../graph/builder.js';
import { allSides, type Architecture } from './architecture.js';

export default {
  id: 'cnn',
  title: 'CNN',
  paper: 'The study’s plain network: three convolutions, each with pooling, and a dense layer that holds nearly all of the weights.',
  options: [],
  sides: allSides,
  build: ({ size, classes }) =>
    new GraphBuilder([size, size, 3], classes).conv(32, 3).maxPool(2).conv(64, 3).maxPool(2).conv(128, 3).maxPool(2).flatten().dense(128).predictions(),
} satisfies Architecture;
