export { WinnowConfusionMatrix } from '../../ui/confusion-matrix/confusion-matrix.js';
