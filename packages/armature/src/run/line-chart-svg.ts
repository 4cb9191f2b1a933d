import { linearScale, niceTicks } from "./chart-scale.ts";
import { escapeHtml } from "./escape-html.ts";
import type { ChartPoint, LineChart, NumberFormat } from "./report.ts";
import { numberText, plainNumber } from "./report-number.ts";

/** Small enough that its text stays readable when a phone shrinks it. */
const WIDTH = 480;
const HEIGHT = 264;
const TOP = 20;
const BOTTOM = 40;
const RIGHT = 12;
/** Above this many points a dot for each would hide the line. */
const MOST_DOTS = 40;

/** A chart as SVG; colours and dashes of the series come from the page's classes `series-0` to `series-5`. */
export function lineChartSvg(chart: LineChart): string {
  const points = chart.series.flatMap((series) => series.points).filter(isDrawable);
  if (points.length === 0) {
    return `<svg viewBox="0 0 ${WIDTH} 60" role="img" aria-label="${escapeHtml(chart.title)}: nothing was measured"><text x="${WIDTH / 2}" y="34" text-anchor="middle" class="tick">nothing was measured</text></svg>`;
  }
  const yTicks = valueTicks(extent([...points.flatMap(bounds), ...referenceValues(chart)]), chart.format);
  const labels = yTicks.map((tick) => tickText(tick, chart.format));
  const left = 14 + 8 * Math.max(...labels.map((label) => label.length));
  const xRange = widened(extent(points.map((point) => point.x)));
  const x = linearScale(xRange, [left, WIDTH - RIGHT]);
  const y = linearScale([yTicks[0]!, yTicks.at(-1)!], [HEIGHT - BOTTOM, TOP]);
  const xTicks = niceTicks(...xRange, 6).filter((tick) => tick >= xRange[0] && tick <= xRange[1]);

  const parts = [
    ...spans(chart, x, xRange),
    ...yTicks.map(
      (tick, i) =>
        `<line class="grid" x1="${left}" x2="${WIDTH - RIGHT}" y1="${at(y(tick))}" y2="${at(y(tick))}"/><text class="tick" x="${left - 6}" y="${at(y(tick) + 4)}" text-anchor="end">${labels[i]}</text>`,
    ),
    ...xTicks.map(
      (tick) =>
        `<text class="tick" x="${at(x(tick))}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${tickText(tick, "number")}</text>`,
    ),
    `<text class="tick" x="${at((left + WIDTH - RIGHT) / 2)}" y="${HEIGHT - 6}" text-anchor="middle">${escapeHtml(chart.xLabel)}</text>`,
    ...(chart.references ?? []).map(
      ({ value }) =>
        `<line class="reference" x1="${left}" x2="${WIDTH - RIGHT}" y1="${at(y(value))}" y2="${at(y(value))}"/>`,
    ),
    ...chart.series.map((series, i) => seriesSvg(series, i, chart.format, x, y)),
    ...(chart.references ?? []).map(
      ({ label, value }) =>
        `<text class="reference-label" x="${left + 4}" y="${at(y(value) - 4)}">${escapeHtml(label)}</text>`,
    ),
  ];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(description(chart))}">${parts.join("")}</svg>`;
}

type Scale = (value: number) => number;

function seriesSvg(
  series: LineChart["series"][number],
  index: number,
  format: NumberFormat,
  x: Scale,
  y: Scale,
): string {
  const runs = drawableRuns(series.points);
  const place = (px: number, py: number) => `${at(x(px))},${at(y(py))}`;
  const bands = runs
    .filter(
      (run) => run.length > 1 && run.every((point) => point.low !== undefined && point.high !== undefined),
    )
    .map((run) => {
      const upper = run.map((point) => place(point.x, point.high!));
      const lower = run.map((point) => place(point.x, point.low!)).reverse();
      return `<polygon class="band" points="${[...upper, ...lower].join(" ")}"/>`;
    });
  const lines = runs.map(
    (run) => `<polyline class="line" points="${run.map((point) => place(point.x, point.value)).join(" ")}"/>`,
  );
  const dotted =
    runs.flat().length <= MOST_DOTS ? runs.flat() : runs.filter((run) => run.length === 1).flat();
  const dots = dotted.map(
    (point) =>
      `<circle class="dot" cx="${at(x(point.x))}" cy="${at(y(point.value))}" r="2.6"><title>${escapeHtml(`${series.name}, ${point.x}: ${numberText(point.value, format)}`)}</title></circle>`,
  );
  return `<g class="series-${index % 6}">${[...bands, ...lines, ...dots].join("")}</g>`;
}

function spans(chart: LineChart, x: Scale, [low, high]: readonly [number, number]): string[] {
  return (chart.spans ?? []).flatMap(({ from, to, label }, i) => {
    const [start, end] = [x(Math.max(from, low)), x(Math.min(to, high))];
    if (!(end > start)) return [];
    const shade = `<rect class="span-${i % 2}" x="${at(start)}" y="${TOP}" width="${at(end - start)}" height="${HEIGHT - BOTTOM - TOP}"/>`;
    // A label wider than its span would run into the next one; 6 units is a letter of this size.
    const fits = 6 * label.length < end - start;
    return fits
      ? [
          shade,
          `<text class="span-label" x="${at((start + end) / 2)}" y="${TOP - 6}" text-anchor="middle">${escapeHtml(label)}</text>`,
        ]
      : [shade];
  });
}

/** Stretches without gaps: a value that could not be measured breaks the line and is never drawn as zero. */
function drawableRuns(points: readonly ChartPoint[]): ChartPoint[][] {
  const runs: ChartPoint[][] = [[]];
  for (const point of points) {
    if (isDrawable(point)) runs.at(-1)!.push(point);
    else runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

const isDrawable = (point: ChartPoint): boolean => Number.isFinite(point.x) && Number.isFinite(point.value);

const bounds = ({ value, low, high }: ChartPoint): number[] =>
  [value, low ?? value, high ?? value].filter(Number.isFinite);

const referenceValues = (chart: LineChart): number[] => (chart.references ?? []).map(({ value }) => value);

const extent = (values: readonly number[]): [number, number] => [
  values.reduce((a, b) => Math.min(a, b)),
  values.reduce((a, b) => Math.max(a, b)),
];

/** A range of (almost) one value has no scale; some room on both sides puts the value in the middle. */
function widened([low, high]: readonly [number, number]): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high), 1e-30);
  const room = size > 1e-30 ? size / 10 : 1;
  return high - low < 1e-12 * size ? [low - room, high + room] : [low, high];
}

/** Ticks that cover a range of values; shares need no room below 0 % and above 100 %. */
function valueTicks(range: readonly [number, number], format: NumberFormat): readonly number[] {
  const ticks = niceTicks(...widened(range), 5);
  const areShares = format === "percent" && range[0] >= 0 && range[1] <= 1;
  return areShares ? ticks.filter((tick) => tick >= 0 && tick <= 1) : ticks;
}

/** Two decimals of a unit are finer than any screen. */
const at = (value: number): number => Number(value.toFixed(2));

function tickText(value: number, format: NumberFormat): string {
  return format === "percent" ? `${plainNumber(100 * value, 4)} %` : plainNumber(value, 6);
}

function description(chart: LineChart): string {
  const ends = chart.series.map(({ name, points }) => {
    const drawn = points.filter(isDrawable);
    const [first, last] = [drawn[0], drawn.at(-1)];
    if (!first || !last) return `${name} not measured`;
    return `${name} from ${numberText(first.value, chart.format)} to ${numberText(last.value, chart.format)}`;
  });
  return `${chart.title}: ${ends.join(", ")}`;
}
