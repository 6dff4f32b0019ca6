import { GraphBuilder } from '../graph/builder.js';
import { allSides, type Architecture } from './architecture.js';
import { inception, inceptionStem } from './blocks/inception.js';

export default {
  id: 'googlenet-light',
  title: 'GoogLeNet light',
  paper: 'The study’s cut of GoogLeNet (Szegedy et al. 2014): eight narrower inception modules.',
  options: [],
  sides: allSides,
  build({ size, classes }) {
    const net = new GraphBuilder([size, size, 3], classes);
    inceptionStem(net, [16, 16, 64]);
    inception(net, '3a', [16, 16, 24, 4, 8, 8]);
    inception(net, '3b', [24, 24, 32, 4, 8, 8]);
    net.maxPool(3, { stride: 2, padding: 'same', name: 'pool3' });
    inception(net, '4a', [32, 32, 48, 8, 16, 16]);
    inception(net, '4b', [48, 48, 64, 8, 16, 16]);
    inception(net, '4c', [64, 64, 96, 12, 24, 24]);
    inception(net, '4d', [96, 64, 96, 12, 24, 24]);
    net.maxPool(3, { stride: 2, padding: 'same', name: 'pool4' });
    inception(net, '5a', [96, 64, 96, 12, 24, 24]);
    inception(net, '5b', [96, 96, 128, 16, 32, 32]);
    return net.globalAvgPool().dropout(0.4).predictions();
  },
} satisfies Architecture;
