import type { GraphBuilder } from '../../graph/builder.js';

/** Filters of an inception module: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection (table 1 of the paper). */
export type InceptionFilters = readonly [one: number, threeReduce: number, three: number, fiveReduce: number, five: number, pool: number];

/** Inception module with dimension reductions: Szegedy et al. 2014, figure 2(b). One row of the summary. */
export function inception(net: GraphBuilder, label: string, [one, threeReduce, three, fiveReduce, five, pool]: InceptionFilters): void {
  const name = (part: string) => ({ name: `inception_${label}_${part}` });
  net.group(`inception_${label}`, () =>
    net.concat(
      [
        () => net.conv(one, 1, name('1x1')),
        () => net.conv(threeReduce, 1, name('3x3_reduce')).conv(three, 3, name('3x3')),
        () => net.conv(fiveReduce, 1, name('5x5_reduce')).conv(five, 5, name('5x5')),
        () => net.maxPool(3, { stride: 1, padding: 'same', ...name('pool') }).conv(pool, 1, name('pool_proj')),
      ],
      name('output'),
    ),
  );
}

/** The paper's first layers: 7x7/2, pool, 1x1, 3x3, pool. Local response normalisation left out. */
export function inceptionStem(net: GraphBuilder, [first, reduce, second]: readonly [number, number, number]): void {
  net.conv(first, 7, { stride: 2, name: 'conv1_7x7' }).maxPool(3, { stride: 2, padding: 'same', name: 'pool1' });
  net.conv(reduce, 1, { name: 'conv2_3x3_reduce' }).conv(second, 3, { name: 'conv2_3x3' }).maxPool(3, { stride: 2, padding: 'same', name: 'pool2' });
}
