import { GraphBuilder } from '../graph/builder.js';
import { allSides, type Architecture } from './architecture.js';

export default {
  id: 'cnn-final',
  title: 'CNN final',
  paper: 'The study’s last model: what was left to do after the comparison; four convolutions of 8 and 16 filters, and global pooling.',
  options: [],
  sides: allSides,
  build: ({ size, classes }) =>
    new GraphBuilder([size, size, 3], classes)
      .conv(8, 3)
      .maxPool(2)
      .conv(16, 3)
      .conv(16, 3)
      .conv(16, 3)
      .maxPool(2)
      .globalAvgPool()
      .dense(512)
      .dropout(0.3)
      .predictions(),
} satisfies Architecture;
