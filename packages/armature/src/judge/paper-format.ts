import type { PairwiseJudgement, Side } from "./judgement.ts";

/** The verdict line of the released data: exactly one, its value `Response A` or `Response B`. */
const WINNER = /^[^\S\n]*Winner:\s*(.*?)\s*$/gim;

const SECTION = /^[ \t*#]*-{2,}[ \t]*(Compliance Check|Analysis|Final Judge?ment)[ \t]*-{2,}[ \t*]*$/gim;
const COMPLIANCE_LABEL = /^[ \t*]*(Identified Gatekeeper Criterion|Gatekeeper Reasoning)[ \t*]*:\**/gim;
const RESPONSE = /^[ \t*#]*Response[ \t]+([AB])[ \t*]*:?[ \t*]*$/gim;
const CRITERION = /^[ \t*-]*Criterion[ \t]+(\d+)[ \t*]*(?:\[[^\]\n]*\])?[ \t*]*:\**/gim;
const JUSTIFIED = /^[ \t*-]*Justification[ \t*]*:[\s*]*[^\s*]/i;
const FINAL_LABEL = /^[ \t*]*(Aggregation Summary|Justification|Winner)[ \t*]*:\**/gim;

/**
 * Reads a judge's transcript in either form of the papers: the short one of Rubric-ARM (appendix E) and OpenRubrics' with
 * `Gatekeeper Reasoning:` and `Aggregation Summary:`. The form is kept where the three sections stand in order, every one
 * of the rubric's `criteria` has a `Justification:` for A and for B, and a final justification is followed by one valid
 * `Winner:` line (our reading of the paper's format reward, whose text gives no more). The winner is read on its own, so a
 * transcript may have a winner and a fault. Never throws; `formatFault` is `kind: detail`. With `criteria` 0 (a rubric
 * without numbered lines) any criteria will do.
 */
export function readPaperTranscript(text: string, criteria: number): PairwiseJudgement {
  const verdict = readWinner(text);
  const formatFault = sectionsFault(text, criteria) ?? verdict.fault;
  if (formatFault === null) return { winner: verdict.winner, formatOk: true };
  return { winner: verdict.winner, formatOk: false, formatFault };
}

function readWinner(text: string): { readonly winner: Side | null; readonly fault: string | null } {
  const lines = [...text.matchAll(WINNER)];
  if (lines.length === 0) return { winner: null, fault: "no-winner: no line starts with Winner:" };
  if (lines.length > 1)
    return { winner: null, fault: `several-winners: ${lines.length} lines start with Winner:` };
  const value = lines[0]![1]!;
  const side = /^Response ([AB])$/i.exec(value)?.[1]?.toUpperCase();
  if (side === "A" || side === "B") return { winner: side, fault: null };
  return {
    winner: null,
    fault: `unknown-winner: ${JSON.stringify(value.slice(0, 40))} is not Response A or Response B`,
  };
}

function sectionsFault(text: string, criteria: number): string | null {
  const sections = cut(text, SECTION);
  const fault = partsFault("section", sections, ["Compliance Check", "Analysis", "Final Judgment"]);
  if (fault !== null) return fault;
  const [compliance, analysis, final] = sections.parts as [Part, Part, Part];
  return (
    partsFault("label", cut(compliance.body, COMPLIANCE_LABEL), COMPLIANCE_LABELS, [
      "Gatekeeper Reasoning",
    ]) ??
    analysisFault(analysis.body, criteria) ??
    finalFault(final.body)
  );
}

const COMPLIANCE_LABELS = ["Identified Gatekeeper Criterion", "Gatekeeper Reasoning"];
const FINAL_LABELS = ["Aggregation Summary", "Justification", "Winner"];

function analysisFault(text: string, criteria: number): string | null {
  const responses = cut(text, RESPONSE);
  const fault = partsFault("response", responses, ["A", "B"]);
  if (fault !== null) return fault;
  for (const { name: side, body } of responses.parts) {
    const judged = cut(body, CRITERION);
    const count = criteria > 0 ? criteria : Math.max(1, judged.parts.length);
    const expected = Array.from({ length: count }, (_, i) => String(i + 1));
    const listFault = partsFault("criterion", judged, expected);
    if (listFault !== null) return `${listFault} of response ${side}`;
    const bare = judged.parts.find((part) => !JUSTIFIED.test(part.body));
    if (bare) return `missing-justification: criterion ${bare.name} of response ${side}`;
  }
  return null;
}

function finalFault(text: string): string | null {
  const labels = cut(text, FINAL_LABEL);
  const fault = partsFault("label", labels, FINAL_LABELS, ["Aggregation Summary"]);
  if (fault !== null) return fault;
  return labels.parts.at(-1)!.body.includes("\n") ? "stray-text: after the Winner line" : null;
}

interface Part {
  readonly name: string;
  readonly body: string;
}

interface Parts {
  readonly before: string;
  readonly parts: readonly Part[];
}

/** Cuts a text at its marked lines; a part's body reaches to the next mark. */
function cut(text: string, mark: RegExp): Parts {
  const marks = [...text.matchAll(mark)];
  const parts = marks.map((match, i) => ({
    name: match[1]!,
    body: text.slice(match.index + match[0].length, marks[i + 1]?.index).trim(),
  }));
  return { before: text.slice(0, marks[0]?.index).trim(), parts };
}

/** First departure from: nothing before the first part, then every part once, in order and with something in it. */
function partsFault(
  kind: "section" | "label" | "response" | "criterion",
  { before, parts }: Parts,
  expected: readonly string[],
  optional: readonly string[] = [],
): string | null {
  const key = (name: string) =>
    name
      .toLowerCase()
      .replace("judgement", "judgment")
      .replace(/^0+(?=\d)/, "");
  const found = parts.map((part) => key(part.name));
  const missing = expected.find((name) => !found.includes(key(name)) && !optional.includes(name));
  if (missing !== undefined) return `missing-${kind}: ${missing}`;
  const repeated = found.findIndex((name, i) => found.indexOf(name) < i);
  if (repeated >= 0) return `repeated-${kind}: ${parts[repeated]!.name}`;
  const places = found.map((name) => expected.findIndex((other) => key(other) === name));
  const unknown = places.indexOf(-1);
  if (unknown >= 0) return `unknown-${kind}: ${parts[unknown]!.name.slice(0, 9)}`;
  const early = places.findIndex((place, i) => i > 0 && place < places[i - 1]!);
  if (early >= 0) return `${kind}-order: ${parts[early]!.name} stands after ${parts[early - 1]!.name}`;
  const empty = parts.find((part) => part.body === "");
  if (empty) return `empty-${kind}: ${empty.name}`;
  return before === "" ? null : `stray-text: before ${kind} ${parts[0]!.name}`;
}
