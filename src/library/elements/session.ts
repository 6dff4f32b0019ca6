export { WinnowSession } from '../../ui/session/winnow-session.js';
