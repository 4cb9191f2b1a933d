/** The report's style: one column on a phone, dark where the reader's system is dark, ink on paper when printed. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1c2226; --muted: #5d676e; --rule: #e2e5e4; --shade: #f1f3f1;
  --good: #1c7a4a; --bad: #b13a2b;
  --c0: #0b6e74; --c1: #c2571a; --c2: #6450a8; --c3: #8c7400; --c4: #b03070; --c5: #3a6fb0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181a; --card: #1b2022; --ink: #e3e7e8; --muted: #98a3a8; --rule: #2d3437; --shade: #22282b;
    --good: #5cc48c; --bad: #ee8271;
    --c0: #4cbcc2; --c1: #ee9258; --c2: #a896ea; --c3: #d3b93c; --c4: #ea7fb2; --c5: #7fb0ea;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 70rem; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif;
}
h1 { margin: 0 0 .35rem; font-size: 1.9rem; font-weight: 650; letter-spacing: -.015em; line-height: 1.2; }
h2 { margin: 2.75rem 0 .9rem; padding-bottom: .35rem; border-bottom: 1px solid var(--rule); font-size: 1.15rem; font-weight: 650; }
h3 { margin: 0 0 .4rem; font-size: .95rem; font-weight: 600; }
p { margin: 0 0 .6rem; }
.lead { max-width: 46rem; color: var(--muted); font-size: 1.05rem; }
.muted, figcaption, .caption { color: var(--muted); font-size: .86rem; }
.grid-2, .grid-3 { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
.card, figure { margin: 0; padding: 1rem 1.1rem; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
.card .value { font-size: 1.85rem; font-weight: 620; line-height: 1.25; font-variant-numeric: tabular-nums; }
.card .label { color: var(--muted); font-size: .9rem; }
.card .change { font-weight: 600; font-size: .92rem; font-variant-numeric: tabular-nums; }
.card .muted { margin: .15rem 0 0; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .bad { color: var(--bad); }
figure svg { display: block; width: 100%; height: auto; }
figcaption { margin-top: .5rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .35rem 0 0; padding: 0; list-style: none; font-size: .86rem; font-variant-numeric: tabular-nums; }
.legend svg { display: inline-block; width: 26px; height: 8px; margin-right: .4rem; vertical-align: middle; }
.tick, .span-label, .reference-label { fill: var(--muted); font: 11.5px system-ui, "Liberation Sans", sans-serif; }
.reference-label { paint-order: stroke; stroke: var(--card); stroke-width: 3px; stroke-linejoin: round; }
.grid { stroke: var(--rule); stroke-width: 1; }
.reference { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 2 4; }
.span-0 { fill: var(--shade); } .span-1 { fill: none; }
.line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.dot { fill: currentColor; } .band { fill: currentColor; opacity: .14; }
.series-0 { color: var(--c0); } .series-1 { color: var(--c1); } .series-2 { color: var(--c2); }
.series-3 { color: var(--c3); } .series-4 { color: var(--c4); } .series-5 { color: var(--c5); }
.series-1 .line { stroke-dasharray: 7 4; } .series-2 .line { stroke-dasharray: 2 4; }
.series-3 .line { stroke-dasharray: 9 3 2 3; } .series-4 .line { stroke-dasharray: 4 3; } .series-5 .line { stroke-dasharray: 12 4; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; min-width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .7rem; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: top; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
.prose { min-width: 14rem; text-align: left; white-space: pre-line; }
th { color: var(--muted); font-weight: 600; }
details { margin-bottom: .8rem; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
summary { padding: .75rem 1.1rem; cursor: pointer; font-weight: 600; }
.example { padding: 0 1.1rem 1.1rem; }
.text { margin: 0 0 1rem; padding: .7rem .85rem; background: var(--shade); border-radius: 6px; font-size: .92rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.preferred { box-shadow: inset 3px 0 0 var(--c0); }
.column > h4, .example h4 { margin: 0 0 .35rem; color: var(--muted); font-size: .82rem; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1.2rem; margin: 0; font-size: .9rem; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
ul.notes { margin: 0; padding-left: 1.1rem; }
@media (min-width: 46rem) {
  .grid-2 { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .grid-3 { grid-template-columns: repeat(3, minmax(0, 1fr)); }
}
@media (max-width: 46rem) { .tick { font-size: 14px; } .reference-label { font-size: 13px; } }
@media print { body { max-width: none; padding: 0; } figure, .card, details { break-inside: avoid; } }
`;
