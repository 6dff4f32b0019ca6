import type { GridLayout } from './order.js';
import type { Sheet } from './sheet.js';

/** What a dark map is drawn as, in both themes: an answer of nothing, in an outline that either card shows. */
const DARK = '#17191a';
const DARK_OUTLINE = '#4d534f';

/** All tiles onto one canvas. A bitmap that its owner has closed is not drawn. @param dead over a sample of photos: struck out. */
export function drawGrid(canvas: HTMLCanvasElement, sheet: Sheet, order: readonly number[], dead: ReadonlySet<number>, { columns, rows, cell, gap }: GridLayout, highlight: string): void {
  const ratio = devicePixelRatio;
  const width = columns * (cell + gap) - gap;
  const height = rows * (cell + gap) - gap;
  const context = canvas.getContext('2d');
  if (!context || sheet.bitmap.width === 0) return;
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  // Setting a canvas's size allocates it anew, even where it is the same.
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  } else context.clearRect(0, 0, pixelWidth, pixelHeight);
  const dark = new Set(sheet.dark);
  const side = Math.round(cell * ratio);
  for (const [position, map] of order.entries()) {
    const left = Math.round((position % columns) * (cell + gap) * ratio);
    const top = Math.round(Math.floor(position / columns) * (cell + gap) * ratio);
    if (dark.has(map)) markDark(context, left, top, side, highlight);
    else drawTile(context, sheet, map, left, top, side);
    if (dead.has(map)) strikeOut(context, left, top, side, highlight);
  }
}

/** One tile, filling a square. Enlarged it keeps its pixels as squares. */
export function drawTile(context: CanvasRenderingContext2D, { bitmap, columns, tile }: Pick<Sheet, 'bitmap' | 'columns' | 'tile'>, map: number, left: number, top: number, side: number): void {
  context.imageSmoothingEnabled = side < tile;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, (map % columns) * tile, Math.floor(map / columns) * tile, tile, tile, left, top, side, side);
}

/** Black, with a corner in the highlight: seen without its colour too. */
function markDark(context: CanvasRenderingContext2D, left: number, top: number, side: number, highlight: string): void {
  context.fillStyle = DARK;
  context.fillRect(left, top, side, side);
  context.strokeStyle = DARK_OUTLINE;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 0.5, side - 1, side - 1);
  const corner = Math.max(3, Math.round(side * 0.2));
  context.fillStyle = highlight;
  context.beginPath();
  context.moveTo(left + side - corner, top);
  context.lineTo(left + side, top);
  context.lineTo(left + side, top + corner);
  context.fill();
}

/** A line across, in the highlight. */
function strikeOut(context: CanvasRenderingContext2D, left: number, top: number, side: number, highlight: string): void {
  context.strokeStyle = highlight;
  context.lineWidth = Math.max(1, side * 0.03);
  context.beginPath();
  context.moveTo(left + side * 0.12, top + side * 0.88);
  context.lineTo(left + side * 0.88, top + side * 0.12);
  context.stroke();
}
