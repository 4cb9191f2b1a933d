import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linearScale, niceTicks } from "./chart-scale.ts";
import { lineChartSvg } from "./line-chart-svg.ts";
import { type LineChart, type Report, writeReport } from "./report.ts";
import { reportHtml } from "./report-html.ts";
import { reportMarkdown } from "./report-markdown.ts";
import { changeText, estimateText, numberText } from "./report-number.ts";

const HOSTILE = `</p><script>alert("1")</script> & 'x' | \`\`\`\n# not a heading`;

const chart: LineChart = {
  title: "Accuracy",
  xLabel: "step",
  format: "percent",
  series: [
    {
      name: "both orders",
      points: [
        { x: 0, value: 0.6, low: 0.55, high: 0.65 },
        { x: 10, value: Number.NaN },
        { x: 20, value: 0.8, low: 0.75, high: 0.85 },
        { x: 30, value: 0.9, low: 0.85, high: 0.95 },
      ],
    },
  ],
  spans: [{ from: 0, to: 30, label: "judge" }],
  references: [{ label: "oracle", value: 0.95 }],
};

const report: Report = {
  title: "A run",
  lead: HOSTILE,
  summary: [
    {
      name: "accuracy",
      label: "Accuracy",
      format: "percent",
      before: { value: 0.643, low: 0.62, high: 0.66 },
      after: { value: 0.862, low: 0.846, high: 0.878 },
      change: { value: 0.219, low: 0.195, high: 0.243 },
    },
  ],
  charts: [chart],
  tables: [
    { title: "Bounds", columns: ["rubric", "accuracy"], rows: [["oracle", 0.953]], caption: "No training." },
  ],
  examples: [
    {
      title: "Pair 1",
      prompt: HOSTILE,
      responseA: "a",
      responseB: "b",
      preferred: "A",
      before: { rubric: "1. x", judgement: "Winner: B", winner: "B" },
      after: { rubric: "1. y", judgement: "?", winner: null },
    },
  ],
  notes: ["One seed."],
  facts: [{ label: "Seed", value: "0" }],
};

const folder = mkdtempSync(join(tmpdir(), "armature-report-"));
beforeAll(() => writeReport(folder, report));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("writeReport", () => {
  it("writes three files, the JSON one being the report", () => {
    expect(readdirSync(folder).sort()).toEqual(["report.html", "report.json", "report.md"]);
    const json = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report;
    expect(json.summary).toEqual(report.summary);
    expect(json.charts[0]!.series[0]!.points[1]!.value).toBe("NaN");
  });
});

describe("reportHtml", () => {
  const html = reportHtml(report);

  it("has this structure", () => {
    const outline = html
      .replace(/<style>[\s\S]*<\/style>/, "")
      .replace(/<svg[\s\S]*?<\/svg>/g, "<svg/>")
      .match(/<(h[1-4]|svg|table|details|dl|figcaption|div class="value"|div class="change")[^>]*>([^<]*)/g);
    expect(outline).toMatchInlineSnapshot(`
      [
        "<h1>A run",
        "<h2>Results",
        "<div class="value">86.2 %",
        "<div class="change">+21.9 points (+19.5 to +24.3)",
        "<h2>What to keep in mind",
        "<h2>Curves",
        "<h3>Accuracy",
        "<svg/>
      ",
        "<svg/>both orders 90.0 %",
        "<h2>Bounds",
        "<table>
      ",
        "<h2>Examples",
        "<details open>
      ",
        "<h4>Prompt",
        "<h4>Response A · preferred",
        "<h4>Response B",
        "<h4>Before training: rubric",
        "<h4>Before training: judgement · ",
        "<h4>After training: rubric",
        "<h4>After training: judgement · ",
        "<h2>This run",
        "<dl>",
      ]
    `);
  });

  it("lets no text act as markup and asks for nothing from outside", () => {
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;");
    expect(html).not.toMatch(/\b(src|href)=|url\(|@import/);
    // Every element that is opened is closed.
    const open = [...html.matchAll(/<([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)].filter(
      ([, name, slash]) => slash === "" && !["meta", "br"].includes(name!),
    );
    const closed = [...html.matchAll(/<\/([a-z][a-z0-9]*)>/g)];
    expect(closed.map(([, name]) => name).sort()).toEqual(open.map(([, name]) => name).sort());
  });

  it("sets a column that has a sentence as text, and the others as numbers", () => {
    const told = "Once upon a time there was a fox who was asked a question.";
    const tables = [
      {
        title: "Told",
        columns: ["no", "story"],
        rows: [
          [1, "short"],
          [2, told],
        ],
      },
    ];
    const page = reportHtml({ ...report, tables });
    expect(page).toContain('<th scope="col">no</th><th scope="col" class="prose">story</th>');
    expect(page).toContain('<td>1</td><td class="prose">short</td>');
  });

  it("leaves out sections that have nothing to show", () => {
    const bare = reportHtml({ ...report, charts: [], tables: [], examples: [], notes: [], facts: [] });
    expect(bare.match(/<h2>[^<]*/g)).toEqual(["<h2>Results"]);
  });
});

describe("reportMarkdown", () => {
  const markdown = reportMarkdown(report);

  it("has the same content as text", () => {
    expect(markdown).toMatchInlineSnapshot(`
      "# A run

      \\</p\\>\\<script\\>alert("1")\\</script\\> & 'x' \\| \\\`\\\`\\\` \\# not a heading

      ## Results

      |  | before | after | change |
      | --- | --- | --- | --- |
      | Accuracy | 64.3 % (62.0 to 66.0) | 86.2 % (84.6 to 87.8) | +21.9 points (+19.5 to +24.3) |

      ## What to keep in mind

      - One seed.

      ## Curves

      ### Accuracy

      |  | first | last | lowest | highest |
      | --- | --- | --- | --- | --- |
      | both orders | 60.0 % | 90.0 % | 60.0 % | 90.0 % |

      ## Bounds

      | rubric | accuracy |
      | --- | --- |
      | oracle | 0.953 |

      No training.

      ## Examples

      ### Pair 1

      Prompt:

      \`\`\`\`text
      </p><script>alert("1")</script> & 'x' | \`\`\`
      # not a heading
      \`\`\`\`

      Response A (preferred):

      \`\`\`text
      a
      \`\`\`

      Response B:

      \`\`\`text
      b
      \`\`\`

      Before training, wrong:

      \`\`\`text
      1. x
      \`\`\`

      \`\`\`text
      Winner: B
      \`\`\`

      After training, no readable winner:

      \`\`\`text
      1. y
      \`\`\`

      \`\`\`text
      ?
      \`\`\`

      ## This run

      - Seed: 0
      "
    `);
  });

  it("fences text that holds fences", () => {
    expect(markdown).toContain(`\`\`\`\`text\n${HOSTILE}\n\`\`\`\``);
  });
});

describe("lineChartSvg", () => {
  it("breaks the line at a value that was not measured, and never draws it as zero", () => {
    const svg = lineChartSvg(chart);
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg.match(/<circle/g)).toHaveLength(3);
    expect(svg).not.toContain("NaN");
    expect(svg).toContain('aria-label="Accuracy: both orders from 60.0 % to 90.0 %"');
  });

  it("says so when there is nothing", () => {
    expect(lineChartSvg({ ...chart, series: [] })).toContain("nothing was measured");
  });

  it("keeps every mark inside the frame, whatever the values", () => {
    const point = fc.record({
      x: fc.integer({ min: 0, max: 1e5 }),
      value: fc.double({ min: -1e9, max: 1e9 }),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), (points) => {
        const svg = lineChartSvg({
          title: "t",
          xLabel: "x",
          format: "number",
          series: [{ name: "s", points }],
        });
        const places = [...svg.matchAll(/points="([^"]*)"/g)].flatMap(([, text]) => text!.split(" "));
        for (const place of places) {
          const [x, y] = place.split(",").map(Number);
          expect(x).toBeGreaterThan(0);
          expect(x).toBeLessThanOrEqual(480 - 12);
          expect(y).toBeGreaterThanOrEqual(19.9);
          expect(y).toBeLessThanOrEqual(224.1);
        }
      }),
    );
  });
});

describe("scales and numbers", () => {
  it("covers any range with few round ticks at equal steps", () => {
    const range = fc.tuple(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(range, ([low, span]) => {
        const ticks = niceTicks(low, low + span, 5);
        const slack = 1e-6 * (Math.abs(low) + span);
        expect(ticks[0]!).toBeLessThanOrEqual(low + slack);
        expect(ticks.at(-1)!).toBeGreaterThanOrEqual(low + span - slack);
        expect(ticks.length).toBeLessThanOrEqual(8);
      }),
    );
    expect(niceTicks(0.61, 0.93, 5)).toEqual([0.6, 0.7, 0.8, 0.9, 1]);
    expect(linearScale([0, 10], [100, 200])(2.5)).toBe(125);
  });

  it("writes numbers for readers", () => {
    expect([0.8619, 1, Number.NaN].map((value) => numberText(value, "percent"))).toEqual([
      "86.2 %",
      "100.0 %",
      "n/a",
    ]);
    expect([1234.5, 0.02134, 0.0000315, 0, -7].map((value) => numberText(value, "number"))).toEqual([
      "1230",
      "0.0213",
      "3.15e-5",
      "0",
      "-7",
    ]);
    expect(estimateText({ value: 0.5, low: 0.45, high: 0.55 }, "percent")).toBe("50.0 % (45.0 to 55.0)");
    expect(changeText({ value: -0.26 }, "percent")).toBe("−26.0 points");
    expect(changeText({ value: 0.01, low: -0.02, high: 0.04 }, "percent")).toBe("+1.0 points (−2.0 to +4.0)");
  });
});
