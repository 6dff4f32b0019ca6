/**
 * Registers every element. Each has an entry of its own too: `winnow/elements/training`, say.
 * @packageDocumentation
 */
export { WinnowSession } from './session.js';
export { WinnowDataset } from './dataset.js';
export { WinnowTraining } from './training.js';
export { WinnowMetricsChart } from './metrics-chart.js';
export { WinnowModelSummary } from './model-summary.js';
export { WinnowFeatureMaps } from './feature-maps.js';
export { WinnowComparison } from './comparison.js';
export { WinnowConfusionMatrix } from './confusion-matrix.js';
export { WinnowClassifier } from './classifier.js';
export { WinnowLighten } from './lighten.js';
export { WinnowUse } from './use.js';
export { hostWorkers } from '../scripts.js';
export { currentLocale, locales, setLocale, type Locale } from '../../ui/locales/localization.js';
