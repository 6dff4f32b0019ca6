export { WinnowComparison } from '../../ui/comparison/comparison.js';
