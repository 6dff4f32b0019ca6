/** The theme's tokens, light and dark, and the report's few rules. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1b1f1d; --muted: #6a716c; --rule: #e6e3dc;
  --accent: #2b7a57; --accent-wash: #e3f0ea; --husk: #b9770e; --husk-wash: #fbf1dd; --failure: #b3402e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131614; --card: #1a1e1b; --ink: #e9ece9; --muted: #98a19b; --rule: #2a302c;
    --accent: #63c297; --accent-wash: #1d3328; --husk: #e0a94a; --husk-wash: #33291a; --failure: #ef8573;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1200px; padding: 24px 16px; background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { margin: 0; font-size: 20px; }
h2 { margin: 24px 0 8px; font-size: 16px; }
h3 { margin: 0 0 8px; font-size: 14px; }
p { margin: 0 0 8px; }
.muted, figcaption, .note { color: var(--muted); }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 16px; margin-top: 16px; overflow-x: auto; }
.notice { background: var(--husk-wash); color: var(--husk); border-radius: 10px; padding: 8px 16px; margin: 16px 0 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 0 16px; align-items: stretch; }
.wide { grid-template-columns: 3fr 2fr; }
@media (max-width: 800px) { .wide { grid-template-columns: 1fr; } }
.conclusion { font-size: 18px; font-weight: 500; }
.figures { display: flex; flex-wrap: wrap; gap: 24px; border-top: 1px solid var(--rule); padding-top: 16px; margin-top: 16px; }
.figures strong { display: block; font-size: 26px; line-height: 1.2; }
table { border-collapse: collapse; width: 100%; }
thead th { color: var(--muted); font-weight: 400; white-space: normal; vertical-align: bottom; }
th, td { padding: 6px; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child, td:first-child, .text { text-align: left; }
tr:last-child > * { border-bottom: 0; }
tr.chosen > * { background: var(--accent-wash); }
.chosen b { color: var(--accent); font-size: 12px; }
.poor { color: var(--failure); }
.matrix td { text-align: center; }
.matrix .right { color: var(--accent); font-weight: 600; }
.matrix .wrong { color: var(--husk); }
.matrix .none { color: var(--rule); }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; font: 11px system-ui, sans-serif; }
.grid { stroke: var(--rule); }
.tick { fill: var(--muted); }
.line { fill: none; stroke: var(--accent); stroke-width: 1.8; stroke-linejoin: round; }
.line.train, .key.train { stroke-dasharray: 3 3; }
.key { display: inline-block; width: 22px; vertical-align: middle; }
.best { stroke: var(--husk); stroke-dasharray: 2 3; }
.best-point { fill: var(--husk); }
.best-label { fill: var(--husk); }
.under { fill: var(--failure); opacity: .06; }
.under-label { fill: var(--failure); }
.front { fill: none; stroke: var(--accent); stroke-width: 1.5; stroke-dasharray: 4 3; }
.on-front line { stroke: var(--accent); }
.on-front circle { fill: var(--accent); }
.on-front text { fill: var(--ink); font-weight: 600; }
.off-front line { stroke: var(--muted); }
.off-front circle { fill: var(--card); stroke: var(--muted); stroke-width: 1.5; }
.off-front text { fill: var(--muted); }
details > summary { cursor: pointer; }
@media print { .card, table, svg { break-inside: avoid; } }
`;
