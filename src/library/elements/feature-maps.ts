export { WinnowFeatureMaps } from '../../ui/feature-maps/feature-maps.js';
