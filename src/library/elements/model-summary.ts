export { WinnowModelSummary } from '../../ui/model-summary/model-summary.js';
