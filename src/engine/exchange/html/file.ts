import { formatBytes } from '../../graph/summary.js';
import { WinnowError } from '../../support/errors.js';
import { fileName, reading, type Model } from '../model.js';
import { readSafetensors, writeSafetensors } from '../safetensors.js';
import { refuse } from '../schema.js';
import { decodeBase64, encodeBase64, PIECE_BYTES } from './base64.js';

/** The element that the page looks for; in it, base64 of a safetensors file. */
const OPEN = '<script type="application/octet-stream" id="winnow-model">';
const CLOSE = '</script>\n</body>\n</html>\n';
const DOCTYPE = '<!doctype html>';
/** More than the page in front of the weights has. */
const MAX_PAGE_BYTES = 2 ** 21;
/** A browser holds the whole text at once, and its bytes beside it. */
const MAX_WEIGHT_BYTES = 2 ** 27;

/**
 * One HTML file that classifies on its own, from disk and without a network: our inference runtime, the weights and the card. Its
 * own content security policy lets it run the one script that is in it, and reach nothing. The same model gives the same bytes.
 * @throws 'export-too-large'.
 */
export async function writeHtml(model: Model): Promise<Blob> {
  const { script, style } = await import('virtual:winnow-offline-page');
  const weights = writeSafetensors(model);
  const { arch, classes, winnow } = model.card;
  if (weights.size > MAX_WEIGHT_BYTES) throw new WinnowError('export-too-large', { arch, has: formatBytes(weights.size), most: formatBytes(MAX_WEIGHT_BYTES) });
  // Text that ends the element would end the script.
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) throw new Error('the page cannot hold its own script');
  const policy = `default-src 'none'; script-src '${await hashOf(script)}'; style-src '${await hashOf(style)}'; img-src blob:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`;
  const page = `${DOCTYPE}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Winnow ${escape(winnow)}">
<title>${escape(`${arch}: ${classes.slice(0, 5).join(', ')}${classes.length > 5 ? ' …' : ''}`)}</title>
<style>${style}</style>
</head>
<body>
<noscript>This page classifies photos, and needs JavaScript for it. 이 페이지는 자바스크립트가 있어야 사진을 분류합니다.</noscript>
<script>${script}</script>
${OPEN}`;
  const text: string[] = [];
  for (let at = 0; at < weights.size; at += PIECE_BYTES) text.push(encodeBase64(new Uint8Array(await weights.slice(at, at + PIECE_BYTES).arrayBuffer())));
  return new Blob([page, ...text, CLOSE], { type: 'text/html' });
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

async function hashOf(text: string): Promise<string> {
  return `sha256-${encodeBase64(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))}`;
}

/** Whether a file may be one. */
export function looksLikeHtml(head: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(head.subarray(0, DOCTYPE.length)).toLowerCase() === DOCTYPE;
}

/**
 * Reads the model back out of a page of ours, as hostile input; nothing of the page is run or looked at.
 * @throws WinnowError 'model-broken'.
 */
export function readHtml(file: Blob, source = fileName(file)): Promise<Model> {
  return reading(source, async () => {
    const latin1 = async (from: number, to: number) => new TextDecoder('latin1').decode(await file.slice(from, to).arrayBuffer());
    const start = (await latin1(0, MAX_PAGE_BYTES)).indexOf(OPEN) + OPEN.length;
    if (start < OPEN.length) refuse('it is a page without a model of Winnow in it');
    const end = file.size - CLOSE.length;
    if (end < start || (await latin1(end, file.size)) !== CLOSE) refuse('the end of the page is missing');
    if (end - start > (MAX_WEIGHT_BYTES / 3) * 4 + 4) refuse('its weights are more than a page of Winnow holds');
    return readSafetensors(decodeBase64(await latin1(start, end)), source);
  });
}
