import { expect, it } from "vitest";
import { pairMargin } from "./pair-margin.ts";

it.each([
  ["a margin", { margin: 0.5, score_chosen: 9, score_rejected: 1 }, 0.5],
  ["scores", { score_chosen: 9, score_rejected: 7.5 }, 1.5],
  ["scores by their other names", { chosen_score: 1, rejected_score: 3 }, -2],
  ["scores in the metadata", { metadata: { score_chosen: 9, score_rejected: 8 } }, 1],
  ["the row before its metadata", { margin: 2, metadata: { margin: 3 } }, 2],
  ["nothing", { chosen: "a" }, undefined],
  ["one score alone", { score_chosen: 9 }, undefined],
  ["text", { margin: "2", metadata: "none" }, undefined],
  ["no number", { margin: Number.NaN }, undefined],
])("reads %s", (_, row, margin) => {
  expect(pairMargin(row)).toBe(margin);
});
