export type Marker = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross';

const MARKERS: readonly Marker[] = ['circle', 'square', 'triangle', 'diamond', 'cross'];

/** Number of series colours of the theme. */
export const COLOURS = 5;

/** Colour (an index into the theme's series colours) and marker of a series; beyond five they pair anew, so that no two of 25 look alike. */
export function seriesLook(series: number): { colour: number; marker: Marker } {
  const round = Math.floor(series / COLOURS);
  return { colour: series % COLOURS, marker: MARKERS[(series + round) % MARKERS.length] };
}

/** Points of a marker of radius 1 around 0, 0; null for the circle. */
const OUTLINES: Readonly<Record<Exclude<Marker, 'circle'>, readonly (readonly [number, number])[]>> = {
  square: [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]],
  triangle: [[0, -1.1], [1, 0.8], [-1, 0.8]],
  diamond: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
  cross: [[-0.35, -1], [0.35, -1], [0.35, -0.35], [1, -0.35], [1, 0.35], [0.35, 0.35], [0.35, 1], [-0.35, 1], [-0.35, 0.35], [-1, 0.35], [-1, -0.35], [-0.35, -0.35]],
};

export function drawMarker(ctx: CanvasRenderingContext2D, marker: Marker, x: number, y: number, radius: number, fill: string, outline: string): void {
  ctx.beginPath();
  if (marker === 'circle') ctx.arc(x, y, radius, 0, 2 * Math.PI);
  else for (const [dx, dy] of OUTLINES[marker]) ctx.lineTo(x + dx * radius, y + dy * radius);
  ctx.closePath();
  ctx.fillStyle = fill;
  ctx.strokeStyle = outline;
  ctx.lineWidth = radius * 0.4;
  ctx.setLineDash([]);
  ctx.fill();
  ctx.stroke();
}

/** The marker as the `d` of an SVG path. */
export function markerPath(marker: Marker, x: number, y: number, radius: number): string {
  if (marker === 'circle') return `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0z`;
  return `M${OUTLINES[marker].map(([dx, dy]) => `${x + dx * radius} ${y + dy * radius}`).join('L')}z`;
}
