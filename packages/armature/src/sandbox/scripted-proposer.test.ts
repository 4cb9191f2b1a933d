import { describe, expect, it } from "vitest";
import type { Rubric } from "../rubric/rubric.ts";
import { categorisedRubric } from "./request-rubrics.ts";
import { scriptedProposer } from "./scripted-proposer.ts";

// A child values hopeful and playful; warm, grateful and polite are plausible and do not count.
const prompt = {
  id: "p",
  messages: [{ role: "user", content: "write to the child about the wet roof . give a time ." }],
} as const;
const first = categorisedRubric(["time", "warm", "grateful", "polite"], { pitfall: false });
const HOPEFUL = "the roof is wet . at nine . i hope so .";
const WARM = "the roof is wet . at nine . sent with love .";

async function refine(ranked: readonly string[], rubric = first, expertNoise = 0, id = "p") {
  const proposer = scriptedProposer({ expertNoise, seed: 0 });
  const writing = await proposer.write({ prompt: { ...prompt, id }, rubric, ranked });
  if (writing.status !== "written") throw new Error(writing.detail);
  return writing.rubric;
}
const texts = ({ criteria }: Rubric) => criteria.map(({ text }) => text);

describe("the scripted proposer", () => {
  it("strikes what only the worse response meets and adds what only the better one shows", async () => {
    const rubric = await refine([WARM, HOPEFUL]);
    expect(texts(rubric)).toEqual(["gives a time", "is grateful", "is polite", "is hopeful"]);
    expect(rubric.criteria.map(({ id, weight }) => `${id} ${weight}`)).toEqual([
      "c1 3",
      "c2 1",
      "c3 1",
      "c4 2",
    ]);
    expect(texts(await refine([HOPEFUL, WARM]))).toEqual(texts(rubric));
  });

  it("asks for a note where the worse text is none", async () => {
    const everything =
      "the roof is wet . at nine . sent with love . many thanks . kindly reply . to be frank .";
    const rubric = await refine([everything, WARM]);
    expect(texts(rubric)).toEqual(["gives a time", "is clear", "is warm"]);
    expect(rubric.criteria[1]).toMatchObject({ weight: 3, category: "essential" });
    // From now on the rubric orders such pairs itself.
    expect(await refine([everything, WARM], rubric)).toBe(rubric);
  });

  it("cannot tell which of several qualities the expert liked, and takes a plausible one", async () => {
    const both = "the roof is wet . at nine . i hope so . many thanks . hereby stated .";
    const rubric = await refine([both, WARM], categorisedRubric(["time", "warm"], { pitfall: false }));
    expect(["is hopeful", "is grateful"]).toContain(texts(rubric)[1]);
    expect(texts(rubric)).toHaveLength(2);
  });

  it("leaves the rubric as it is where it orders the two like the expert, or the expert sees no difference", async () => {
    expect(await refine([HOPEFUL, "the roof is wet . sent with love ."])).toBe(first);
    expect(await refine([WARM, "the roof is wet . at nine . many thanks ."])).toBe(first);
  });

  it("keeps three principles at most, the found ones first", async () => {
    const once = await refine([WARM, HOPEFUL]);
    const twice = await refine(
      [
        "the roof is wet . at nine . i hope so . kindly reply .",
        "the roof is wet . at nine . i hope so . let us tickle .",
      ],
      once,
    );
    expect(texts(twice)).toEqual(["gives a time", "is grateful", "is hopeful", "is playful"]);
    const full = categorisedRubric(["time", "warm", "grateful", "polite"], { pitfall: false });
    const bare = await refine(["the roof is wet . at nine .", HOPEFUL], full);
    expect(texts(bare)).toEqual(["gives a time", "is grateful", "is polite", "is hopeful"]);
  });

  it("follows an expert who errs as often as stated", async () => {
    const rubrics = await Promise.all(
      Array.from({ length: 500 }, (_, i) => refine([WARM, HOPEFUL], first, 0.2, `p${i}`)),
    );
    const misled = rubrics.filter((rubric) => texts(rubric).includes("is warm")).length / 500;
    expect(misled).toBeGreaterThan(0.14);
    expect(misled).toBeLessThan(0.26);
    expect(() => scriptedProposer({ expertNoise: 0.7, seed: 0 })).toThrow("from 0 to 0.5");
    await expect(refine([WARM])).rejects.toThrow("needs a rubric and two responses");
  });
});
