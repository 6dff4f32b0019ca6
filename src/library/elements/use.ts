export { WinnowUse } from '../../ui/use/use.js';
