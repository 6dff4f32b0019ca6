export { WinnowDataset } from '../../ui/dataset/dataset.js';
