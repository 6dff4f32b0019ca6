/** Made at build time by scripts/offline-page.mjs: the bundle of src/offline, which a page of its own is written with. */
declare module 'virtual:winnow-offline-page' {
  export const script: string;
  export const style: string;
}
