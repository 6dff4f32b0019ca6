export { WinnowClassifier } from '../../ui/classifier/classifier.js';
