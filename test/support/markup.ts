const evil = 'globalThis.evil=1';

/** What somebody may call a class, a file or a model to have a page run or show something of theirs. Each would set `evil` or leave an element or an attribute called so. */
export const markup: readonly string[] = [
  `<script>${evil}</script>`,
  `</script><script>${evil}</script>`,
  `<ScRiPt src="data:text/javascript,${evil}"></sCrIpT>`,
  `<img src=x onerror=${evil}>`,
  `<img src="x" onerror="${evil}" data-evil>`,
  `"><img src=x onerror=${evil}>`,
  `'><img src=x onerror=${evil}>`,
  `<svg onload=${evil}>`,
  `<svg><script>${evil}</script></svg>`,
  `<svg><animate onbegin=${evil} attributeName=x dur=1s>`,
  `<svg><use href="data:image/svg+xml,<svg id=x onload=${evil}>#x"></svg>`,
  `<math><mtext><style><img src=x onerror=${evil}></style></mtext></math>`,
  `<iframe src="javascript:${evil}"></iframe>`,
  `<iframe srcdoc="<script>parent.evil=1</script>"></iframe>`,
  `<object data="javascript:${evil}"></object>`,
  `<embed src="javascript:${evil}">`,
  `<a href="javascript:${evil}" data-evil>click</a>`,
  `<form action="javascript:${evil}"><button>go</button></form>`,
  `<input autofocus onfocus=${evil}>`,
  `<select autofocus onfocus=${evil}>`,
  `<textarea autofocus onfocus=${evil}></textarea>`,
  `<details open ontoggle=${evil}><summary>x</summary></details>`,
  `<video><source onerror=${evil}></video>`,
  `<audio src=x onerror=${evil}>`,
  `<body onload=${evil}>`,
  `<marquee onstart=${evil}>x</marquee>`,
  `<style>*{background:url(//evil.example/x)}</style>`,
  `<style>@import "//evil.example/x.css";</style>`,
  `<link rel=stylesheet href="//evil.example/x.css">`,
  `<meta http-equiv=refresh content="0;url=//evil.example">`,
  `<base href="//evil.example/">`,
  `<x-evil></x-evil>`,
  `<div data-evil style="position:fixed;inset:0">x</div>`,
  `<template><x-evil></x-evil></template>`,
  `<slot name=evil></slot>`,
  `<!--<img src="--><img src=x onerror=${evil}>`,
  `<![CDATA[<x-evil>]]><x-evil>`,
  `</title><x-evil>`,
  `</style><x-evil>`,
  `</textarea><x-evil>`,
  `</td></tr></table><x-evil>`,
  `" data-evil="1`,
  `' data-evil='1`,
  `x" onmouseover="${evil}`,
  `\` onmouseover=\`${evil}\``,
  `\${${evil}}`,
  `{{constructor.constructor('${evil}')()}}`,
  `&lt;script&gt;${evil}&lt;/script&gt;`,
  `&#60;x-evil&#62;`,
  `\u202e<x-evil>\u0000</x-evil>`,
];

/** Whatever the markup has become, in the tree and its shadow trees: none where it is text. */
export function evilIn(root: ParentNode): string[] {
  const found: string[] = (globalThis as { evil?: unknown }).evil === undefined ? [] : ['it ran'];
  for (const element of root.querySelectorAll('*')) {
    const { attributes, localName } = element;
    if (['script', 'iframe', 'object', 'embed', 'base', 'meta', 'marquee', 'x-evil', 'math', 'template', 'audio', 'video', 'animate'].includes(localName)) found.push(`<${localName}>`);
    for (const { name, value } of attributes) {
      if (name === 'data-evil' || name.startsWith('on') || (['href', 'src', 'action', 'srcdoc'].includes(name) && /evil|javascript:/.test(value))) found.push(`<${localName} ${name}="${value}">`);
    }
    if (element.shadowRoot) found.push(...evilIn(element.shadowRoot));
  }
  return found;
}
