export { WinnowLighten } from '../../ui/lighten/lighten.js';
