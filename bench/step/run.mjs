import { runInPage } from '../browser.mjs';

/** @param {boolean} quick */
export const runStep = (quick) => runInPage('step', quick, ['--enable-features=WebGPUDeveloperFeatures']);
