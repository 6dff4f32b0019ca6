import { GraphBuilder } from '../graph/builder.js';
import { allSides, type Architecture } from './architecture.js';
import { inception, inceptionStem } from './blocks/inception.js';

export default {
  id: 'googlenet',
  title: 'GoogLeNet',
  paper: 'Szegedy et al., Going Deeper with Convolutions, 2014; without the auxiliary heads and local response normalisation.',
  options: [],
  sides: allSides,
  build({ size, classes }) {
    const net = new GraphBuilder([size, size, 3], classes);
    inceptionStem(net, [64, 64, 192]);
    inception(net, '3a', [64, 96, 128, 16, 32, 32]);
    inception(net, '3b', [128, 128, 192, 32, 96, 64]);
    net.maxPool(3, { stride: 2, padding: 'same', name: 'pool3' });
    inception(net, '4a', [192, 96, 208, 16, 48, 64]);
    inception(net, '4b', [160, 112, 224, 24, 64, 64]);
    inception(net, '4c', [128, 128, 256, 24, 64, 64]);
    inception(net, '4d', [112, 144, 288, 32, 64, 64]);
    inception(net, '4e', [256, 160, 320, 32, 128, 128]);
    net.maxPool(3, { stride: 2, padding: 'same', name: 'pool4' });
    inception(net, '5a', [256, 160, 320, 32, 128, 128]);
    inception(net, '5b', [384, 192, 384, 48, 128, 128]);
    return net.globalAvgPool().dropout(0.4).predictions();
  },
} satisfies Architecture;
