import { describe, expect, it } from "vitest";
import { loadPromptTemplate } from "./fill-template.ts";
import { readVerdicts } from "./verdict-reply.ts";

const asked = ["c1", "c2"].map((key) => ({
  key,
  criterion: { id: key, text: key, weight: 1, polarity: "good" as const },
}));
const values = (reply: string, count = 2) =>
  Object.fromEntries(
    Array.from(readVerdicts(reply, asked.slice(0, count), ""), ([key, verdict]) => [
      key,
      verdict.status === "scored" ? verdict.value : verdict.status,
    ]),
  );

describe("readVerdicts", () => {
  it.each<[string, string, object]>([
    ["objects a line", '{"id": "c1", "verdict": "yes"}\n{"id": "c2", "verdict": "no"}', { c1: 1, c2: 0 }],
    ["a list", '[{"id": "c1", "verdict": "Yes."}, {"id": "C2", "verdict": "NO"}]', { c1: 1, c2: 0 }],
    [
      "a wrapped list",
      '{"verdicts": [{"id": "c1", "verdict": true}, {"id": "c2", "verdict": false}]}',
      { c1: 1, c2: 0 },
    ],
    [
      "objects under the ids",
      '{"c1": {"reason": "x", "verdict": "met"}, "c2": {"verdict": "not met"}}',
      { c1: 1, c2: 0 },
    ],
    ["answers under the ids", '{"c1": "yes", "c2": "no"}', { c1: 1, c2: 0 }],
    ["a fence, prose and slips", "Here:\n```json\n{'id': 'c1', 'verdict': 'yes',}\n```\nDone.", { c1: 1 }],
    ["thinking first", '<think>{"c1": "no"}</think>{"c1": "yes"}', { c1: 1 }],
    ["not knowing", '{"c1": "cannot tell", "c2": "CANNOT_ASSESS"}', { c1: "abstained", c2: "abstained" }],
    ["the first verdict of two", '{"c1": "yes"} {"c1": "no"}', { c1: 1 }],
    ["a reply that was cut off", '[{"id": "c1", "verdict": "yes"}, {"id": "c2", "verd', { c1: 1 }],
    ["no verdict in other words", '{"c1": "partly", "c2": null}', {}],
    ["no verdict under unknown ids", '{"c3": "yes", "id": "c4", "verdict": "yes"}', {}],
    ["no verdict without id among several", '{"verdict": "yes"}', {}],
    ["nothing in prose", "c1: yes, c2: no", {}],
  ])("%s", (_, reply, expected) => expect(values(reply)).toEqual(expected));

  it("needs no id for one criterion, but none of another", () => {
    expect(values('{"reason": "x", "verdict": "yes"}', 1)).toEqual({ c1: 1 });
    expect(values('{"id": "c2", "verdict": "yes"}', 1)).toEqual({});
  });

  it.each(["criteria-judge", "healthbench-judge", "chasing-the-tail-judge"])(
    "reads nothing out of the example of %s, also where it is not an echo word for word",
    (name) =>
      expect(values(loadPromptTemplate(name).replaceAll("<its id>", "c1").replaceAll("<id>", "c1"))).toEqual(
        {},
      ),
  );
});
