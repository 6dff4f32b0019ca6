export { WinnowLab } from '../../ui/lab/lab.js';
