import { GraphBuilder } from '../graph/builder.js';
import { allSides, type Architecture } from './architecture.js';

export default {
  id: 'cnn-light',
  title: 'CNN light',
  paper: 'The study’s cut of its CNN: two convolutions with stride, 8 and 16 filters.',
  options: [],
  sides: allSides,
  build: ({ size, classes }) =>
    new GraphBuilder([size, size, 3], classes).conv(8, 3, { stride: 2 }).maxPool(2).conv(16, 3, { stride: 2 }).maxPool(2).flatten().dense(16).predictions(),
} satisfies Architecture;
