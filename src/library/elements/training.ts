export { WinnowTraining } from '../../ui/training/training.js';
