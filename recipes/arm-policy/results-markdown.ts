import type { Interval } from "../../packages/armature/src/evaluation/bootstrap.ts";
import type {
  PolicyComparison,
  PolicyMeasures,
} from "../../packages/armature/src/policy/evaluation/compare-policies.ts";
import type { NumberFormat } from "../../packages/armature/src/run/report.ts";
import { estimateText } from "../../packages/armature/src/run/report-number.ts";

const COLUMNS: readonly (readonly [keyof PolicyMeasures, string, NumberFormat])[] = [
  ["trueWinRate", "true win rate against base", "percent"],
  ["trueReward", "true reward of notes", "number"],
  ["validNotes", "notes", "percent"],
  ["rulesKept", "rules kept", "percent"],
  ["klToBase", "KL, nats", "number"],
  ["tokens", "tokens", "number"],
];

/** The table of all policies, and of each method with Rubric-ARM's reward against the same method with another. */
export function resultsMarkdown({ policies, duels }: PolicyComparison): string {
  const rows = policies.map((policy) => [
    policy.name,
    ...COLUMNS.map(([key, , format]) => {
      const interval = policy[key] as Interval | null;
      return interval === null ? "–" : estimateText(interval, format);
    }),
    `${(100 * policy.distinctResponses).toFixed(1)} %`,
  ]);
  const direct = duels.filter(
    ({ first, second }) =>
      first.endsWith(", rubric-arm") && first.split(",")[0] === second.split(",")[0] && first !== second,
  );
  return [
    ...table(["", ...COLUMNS.map(([, label]) => label), "distinct"], rows),
    "",
    ...table(
      ["directly against each other", "true win rate of the first", "by seed"],
      direct.map(({ first, second, winRate, bySeed }) => [
        `${first} – ${second.split(", ")[1]}`,
        estimateText(winRate, "percent"),
        bySeed.map((value) => `${(100 * value).toFixed(1)} %`).join(", "),
      ]),
    ),
    "",
  ].join("\n");
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)];
}
